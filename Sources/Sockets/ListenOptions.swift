/// Where and how to listen for WebSockets.
package struct ListenOptions: Sendable {
    /// A numeric address of this machine.
    package var host: String
    /// 0 takes any free port; ``SocketServer/port`` tells which.
    package var port: Int
    /// Decides on each upgrade. Runs on the service thread, between the frames of every other connection: be quick.
    package var admit: @Sendable (UpgradeRequest) -> Admission
    /// A longer message from a client closes its connection with 1009.
    package var maxMessageBytes: Int
    /// How accepted connections are watched; nil sends no pings.
    package var liveness: Liveness?
    /// Paths of PEM files; nil serves plain `ws://`. All TLS servers of one loop share one certificate.
    package var tls: (certificate: String, key: String)?

    package init(
        host: String = "127.0.0.1", port: Int = 0, maxMessageBytes: Int = 4 << 20, liveness: Liveness? = nil,
        tls: (certificate: String, key: String)? = nil,
        admit: @escaping @Sendable (UpgradeRequest) -> Admission = { _ in .accept }
    ) {
        self.host = host
        self.port = port
        self.admit = admit
        self.maxMessageBytes = maxMessageBytes
        self.liveness = liveness
        self.tls = tls
    }
}

/// The answer to an upgrade request.
package enum Admission: Sendable, Equatable {
    case accept
    /// Answers with this HTTP status, 400 to 599, and no upgrade.
    case refuse(Int)
}

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

/// A WebSocket that a client opened, with the request that it came by.
package struct AcceptedSocket: Sendable {
    package let socket: Socket
    package let request: UpgradeRequest
}
