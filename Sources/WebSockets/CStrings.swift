import Glibc

/// Owns C copies of strings for structures that hold only pointers; frees all of them in `deinit`.
final class CStrings {
    private var copies: [UnsafeMutablePointer<CChar>] = []

    /// A copy that lives as long as this object; nil when memory is exhausted.
    func copy(_ text: String) -> UnsafePointer<CChar>? {
        guard let copy = strdup(text) else { return nil }
        copies.append(copy)
        return UnsafePointer(copy)
    }

    deinit { for copy in copies { free(copy) } }
}
