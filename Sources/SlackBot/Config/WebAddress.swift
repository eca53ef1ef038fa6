import Foundation

/// An http or https address with a host.
struct WebAddress: Sendable, Hashable {
    let text: String
    let isSecure: Bool
    let host: String
    /// Whether a path other than `/`, or a query, follows the host and port.
    let hasPath: Bool

    init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty
        else { return nil }
        self.text = text
        self.host = host
        isSecure = scheme == "https"
        hasPath = !(parts.path.isEmpty || parts.path == "/") || parts.query != nil
    }

    /// Whether the host is `localhost`, `127.x.y.z` or `[::1]`; a name such as `127.0.0.1.example` is not loopback.
    var isLoopback: Bool {
        if ["localhost", "::1", "[::1]"].contains(host) { return true }
        let bytes = host.split(separator: ".", omittingEmptySubsequences: false)
        return bytes.count == 4 && bytes[0] == "127" && bytes.allSatisfy { UInt8($0) != nil }
    }
}
