/// When a connection is pinged, and when it counts as dead.
///
/// Only pongs count. Application data does not: an idle connection is healthy, and a peer that still writes may have
/// stopped reading. The peer's pings do not: libwebsockets answers them without a callback. While reading is paused
/// because the consumer is slow, no pong is expected.
package struct PingPolicy: Sendable, Equatable {
    /// The time between two pings that this side sends.
    package var pingEvery: Duration
    /// The longest time without a pong; then the connection is dropped as ``WebSocketClose/How/silent``.
    package var deadAfter: Duration

    package init(pingEvery: Duration = .seconds(10), deadAfter: Duration = .seconds(25)) {
        self.pingEvery = pingEvery
        self.deadAfter = deadAfter
    }
}
