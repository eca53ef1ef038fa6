/// Where and how a ``WebSocketServer`` listens.
package struct ListenOptions: Sendable {
    /// A numeric address of this machine.
    package var host: String
    /// 0 for any free port; ``WebSocketServer/port`` is the one that was taken.
    package var port: Int
    /// Accepts or refuses an upgrade. Runs on the service thread and delays all its connections: must return quickly.
    package var onUpgrade: @Sendable (UpgradeRequest) -> UpgradeDecision
    /// A longer message from a client closes its connection with 1009.
    package var maxMessageBytes: Int
    /// When accepted connections are pinged and dropped; nil sends no pings.
    package var pingPolicy: PingPolicy?
    /// Paths of PEM files; nil serves `ws://` without TLS. All TLS servers of one event loop share one certificate.
    package var tls: (certificate: String, key: String)?

    package init(
        host: String = "127.0.0.1", port: Int = 0, maxMessageBytes: Int = 4 << 20, pingPolicy: PingPolicy? = nil,
        tls: (certificate: String, key: String)? = nil,
        onUpgrade: @escaping @Sendable (UpgradeRequest) -> UpgradeDecision = { _ in .accept }
    ) {
        self.host = host
        self.port = port
        self.onUpgrade = onUpgrade
        self.maxMessageBytes = maxMessageBytes
        self.pingPolicy = pingPolicy
        self.tls = tls
    }
}
