import Bridge
import WebSockets

/// The gateway's state: tickets, connections and envelopes in flight. Guarded by ``SocketGateway/state``'s lock.
struct GatewayState: Sendable {
    /// An open connection.
    struct Session: Sendable {
        let socket: WebSocket
        /// `hello` was sent: the connection receives envelopes.
        var isLive = false
    }

    /// Unused tickets and when they expire.
    var tickets: [String: ContinuousClock.Instant] = [:]
    /// The open connections, by the id of the WebSocket.
    var sessions: [UInt64: Session] = [:]
    /// Envelopes that are not acknowledged yet, by envelope id.
    var pending: [String: Pending] = [:]
    var withholdsHello = false
    /// The next `times` upgrades are refused with `status`.
    var refusals: (status: Int, times: Int)?
    /// The WebSocket port; 0 before the gateway listens.
    var port = 0

    /// An envelope that waits for its acknowledgement.
    struct Pending: Sendable {
        let acknowledgements: AsyncStream<JSONValue>.Continuation
        let session: UInt64
        let acceptsPayload: Bool
        let sentAt: ContinuousClock.Instant
        /// Type, channel and ts of the event, for the traffic log.
        let about: JSONValue
    }

    var live: [Session] { sessions.values.filter(\.isLive) }
}
