/// Where and how to listen for WebSockets.
package struct ListenOptions: Sendable {
    /// A numeric address of this machine.
    package var host: String
    /// 0 takes any free port; ``WebSocketServer/port`` tells which.
    package var port: Int
    /// Decides on each upgrade. Runs on the service thread, between the frames of every other connection: be quick.
    package var admit: @Sendable (UpgradeRequest) -> UpgradeDecision
    /// A longer message from a client closes its connection with 1009.
    package var maxMessageBytes: Int
    /// How accepted connections are watched; nil sends no pings.
    package var pingPolicy: PingPolicy?
    /// Paths of PEM files; nil serves plain `ws://`. All TLS servers of one loop share one certificate.
    package var tls: (certificate: String, key: String)?

    package init(
        host: String = "127.0.0.1", port: Int = 0, maxMessageBytes: Int = 4 << 20, pingPolicy: PingPolicy? = nil,
        tls: (certificate: String, key: String)? = nil,
        admit: @escaping @Sendable (UpgradeRequest) -> UpgradeDecision = { _ in .accept }
    ) {
        self.host = host
        self.port = port
        self.admit = admit
        self.maxMessageBytes = maxMessageBytes
        self.pingPolicy = pingPolicy
        self.tls = tls
    }
}
