import Bridge
import WebSockets

/// What the gateway knows of tickets, connections and envelopes in flight.
struct GatewayState: Sendable {
    struct Session: Sendable {
        let socket: WebSocket
        /// Ready for envelopes: `hello` was sent.
        var isLive = false
    }

    /// Unused tickets with their end.
    var tickets: [String: ContinuousClock.Instant] = [:]
    var sessions: [UInt64: Session] = [:]
    /// Who waits for which envelope's acknowledgement.
    var pending: [String: Pending] = [:]
    var withholdsHello = false
    /// Upgrades to refuse with which status.
    var refusals: (status: Int, times: Int)?
    var port = 0

    struct Pending: Sendable {
        let acknowledgements: AsyncStream<JSONValue>.Continuation
        let session: UInt64
        let acceptsPayload: Bool
        let sentAt: ContinuousClock.Instant
        /// What the envelope tells of, for the journal.
        let about: JSONValue
    }

    var live: [Session] { sessions.values.filter(\.isLive) }
}
