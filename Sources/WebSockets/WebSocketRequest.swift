/// What ``WebSocketEventLoop/connect(_:)`` opens.
package struct WebSocketRequest: Sendable {
    /// `ws://` or `wss://` with host, optional port, path and query.
    package var url: String
    /// Additional headers of the upgrade request.
    package var headers: [(String, String)]
    /// The time from the call to the finished upgrade, name resolution included; at most 60 seconds.
    package var timeout: Duration
    /// When the open connection is pinged and dropped.
    package var pingPolicy: PingPolicy
    /// A longer message from the peer closes the connection with 1009.
    package var maxMessageBytes: Int

    package init(
        url: String, headers: [(String, String)] = [], timeout: Duration = .seconds(15),
        pingPolicy: PingPolicy = PingPolicy(), maxMessageBytes: Int = 4 << 20
    ) {
        self.url = url
        self.headers = headers
        self.timeout = timeout
        self.pingPolicy = pingPolicy
        self.maxMessageBytes = maxMessageBytes
    }
}
