import Foundation

/// The parts of a `ws://` or `wss://` URL.
struct WebSocketURL: Sendable, Equatable {
    let isSecure: Bool
    /// Host name or numeric address, without brackets.
    let host: String
    let port: Int
    /// Path and query, percent-encoded: the request target (RFC 9112 section 3.2.1).
    let target: String

    /// - Throws: ``WebSocketError`` `other` for anything that is not a WebSocket URL. The message does not repeat the
    ///   URL, which may hold a credential.
    init(_ text: String) throws(WebSocketError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "ws" || scheme == "wss", let host = parts.host, !host.isEmpty, parts.user == nil
        else {
            throw WebSocketError(.other, "the WebSocket URL is malformed: expected ws:// or wss:// with a host")
        }
        isSecure = scheme == "wss"
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = parts.port ?? (isSecure ? 443 : 80)
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        target = parts.percentEncodedQuery.map { "\(path)?\($0)" } ?? path
        guard (1...65535).contains(port) else {
            throw WebSocketError(.other, "the WebSocket URL has an impossible port")
        }
        // libwebsockets 4.1 cuts the name to verify at 127 bytes and at its first colon.
        guard !isSecure || (self.host.utf8.count < 128 && !self.host.contains(":")) else {
            throw WebSocketError(.other, "TLS needs a host name of at most 127 bytes or an IPv4 address")
        }
    }

    /// Host and port: the parts of the URL that error messages may hold.
    var place: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The value of the Host header.
    var authority: String {
        if port == (isSecure ? 443 : 80) { return host.contains(":") ? "[\(host)]" : host }
        return place
    }
}
