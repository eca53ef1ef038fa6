/// The HTTP request of a WebSocket upgrade (RFC 6455 section 4.1).
package struct UpgradeRequest: Sendable, Equatable {
    /// The path without its query, percent-decoded.
    package let path: String
    /// The query's arguments, percent-decoded; of equal names the last counts.
    package let query: [String: String]
    /// The headers that libwebsockets knows (`host`, `origin`, `authorization`, `cookie`, `user-agent` …), by
    /// lower-case name.
    package let headers: [String: String]

    package init(path: String, query: [String: String], headers: [String: String]) {
        self.path = path
        self.query = query
        self.headers = headers
    }
}
