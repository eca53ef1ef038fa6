import Foundation

/// The problems of the digest under way, by code, so that each is logged once.
struct DigestProblems: Sendable, Hashable {
    private var due: Date?
    private var codes: [String] = []

    /// Whether the digest did not have this problem before.
    mutating func note(_ code: String, of due: Date) -> Bool {
        if due != self.due { (self.due, codes) = (due, []) }
        let isNew = !codes.contains(code)
        codes.removeAll { $0 == code }
        codes.append(code)
        return isNew
    }

    /// The newest problem of the digest; nil if it has none.
    func last(of due: Date) -> String? { due == self.due ? codes.last : nil }
}
