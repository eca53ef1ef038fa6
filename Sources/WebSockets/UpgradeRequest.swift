/// The HTTP request that asks for an upgrade.
package struct UpgradeRequest: Sendable, Equatable {
    /// The path without its query, percent-decoded.
    package let path: String
    /// The query's arguments, percent-decoded; the last of equal names counts.
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
