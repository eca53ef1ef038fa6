import Glibc

/// C copies of strings for structures that only hold pointers; freed together.
final class CStrings {
    private var copies: [UnsafeMutablePointer<CChar>] = []

    func copy(_ text: String) -> UnsafePointer<CChar>? {
        guard let copy = strdup(text) else { return nil }
        copies.append(copy)
        return UnsafePointer(copy)
    }

    deinit { for copy in copies { free(copy) } }
}
