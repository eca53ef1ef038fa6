/// When a connection counts as dead.
///
/// Only pongs count, never application data: a quiet connection is healthy, and a peer that still writes may no longer
/// read. Pings of the peer are answered by libwebsockets, which does not report them, so they cannot count either.
/// While a slow consumer holds reading back, nothing is expected.
package struct PingPolicy: Sendable, Equatable {
    /// The time between two pings of ours.
    package var pingEvery: Duration
    /// The longest time without a pong; then the connection is dropped as ``WebSocketClose/How/silent``.
    package var deadAfter: Duration

    package init(pingEvery: Duration = .seconds(10), deadAfter: Duration = .seconds(25)) {
        self.pingEvery = pingEvery
        self.deadAfter = deadAfter
    }
}
