/// A WebSocket to open.
package struct SocketRequest: Sendable {
    /// `ws://` or `wss://` with host, optional port, path and query.
    package var url: String
    /// Additional headers of the upgrade request.
    package var headers: [(String, String)]
    /// From the call to the finished upgrade, name resolution included; at most 60 seconds are granted.
    package var timeout: Duration
    /// How the open connection is watched.
    package var liveness: Liveness
    /// A longer message from the peer closes the connection with 1009.
    package var maxMessageBytes: Int

    package init(
        url: String, headers: [(String, String)] = [], timeout: Duration = .seconds(15),
        liveness: Liveness = Liveness(), maxMessageBytes: Int = 4 << 20
    ) {
        self.url = url
        self.headers = headers
        self.timeout = timeout
        self.liveness = liveness
        self.maxMessageBytes = maxMessageBytes
    }
}

/// When a connection counts as dead.
///
/// Only pongs count, never application data: a quiet connection is healthy, and a peer that still writes may no longer
/// read. Pings of the peer are answered by libwebsockets, which reports them to nobody, so they cannot count either.
/// While a slow consumer holds reading back, nothing is expected.
package struct Liveness: Sendable, Equatable {
    /// The time between two pings of ours.
    package var pingEvery: Duration
    /// The longest time without a pong; then the connection is dropped as ``SocketClosure/How/silent``.
    package var deadAfter: Duration

    package init(pingEvery: Duration = .seconds(10), deadAfter: Duration = .seconds(25)) {
        self.pingEvery = pingEvery
        self.deadAfter = deadAfter
    }
}
