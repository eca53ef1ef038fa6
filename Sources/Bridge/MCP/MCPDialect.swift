/// The rules of the revisions of one era, as the state machine of one connection: it owns the session, and knows which
/// messages and headers are sent and what the server's messages and refusals mean. It does no I/O and reads no clock.
///
/// ``MCPConnection`` drives it: it carries out the actions in their order, and calls ``expire(_:at:)`` at the time of
/// ``deadline(of:)``. Transports know nothing of it.
protocol MCPDialect: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What the server has stated of itself; nil before requests can be made and after the end.
    var server: MCPServerInfo? { get }
    /// Whether the server refused ``start(_:limit:at:)`` as one with the HTTP+SSE transport of 2024-11-05 does (MCP,
    /// "Transports", "Backwards Compatibility").
    var mayBeOlder: Bool { get }

    /// An id that is unused on this connection.
    mutating func nextID() -> RequestID
    /// Makes the connection ready for requests. `id` finishes when it is, or cannot be made so within `limit`.
    mutating func start(_ id: RequestID, limit: Duration, at now: Instant) -> [MCPAction]
    /// Sends a request. With `reportsProgress` each progress notification restarts the quiet limit.
    mutating func request(
        _ id: RequestID, _ method: String, _ params: JSONValue, limit: RequestLimit, reportsProgress: Bool,
        at now: Instant
    ) -> [MCPAction]
    /// When the request times out; nil when it is not pending.
    func deadline(of id: RequestID) -> Instant?
    /// Ends the request when its deadline has passed.
    mutating func expire(_ id: RequestID, at now: Instant) -> [MCPAction]
    /// Ends the request because its caller was cancelled. No effect when it is not pending.
    mutating func cancel(_ id: RequestID) -> [MCPAction]
    /// Handles what the transport reports. Responses to unknown requests and unknown notifications are ignored.
    mutating func receive(_ incoming: MCPIncoming, at now: Instant) -> [MCPAction]
    /// What is sent before the connection is closed in order.
    func close() -> [MCPAction]
    /// The connection has ended; all pending requests fail.
    mutating func end(_ problem: String) -> [MCPAction]
}

/// What the driver of a dialect has to do.
enum MCPAction: Sendable, Hashable {
    case send(MCPOutgoing)
    /// The request has its result or failure. The dialect's own requests finish too; no caller waits for them.
    case finish(RequestID, Result<JSONValue, MCPFailure>)
    /// The server's tools must be listed again.
    case toolsChanged
    /// The server sent a log message, at most 1000 characters of untrusted text.
    case logged(level: String, text: String)
}

/// How long a response may take.
struct RequestLimit: Sendable, Hashable {
    /// From the request, or the last progress notification, until the response.
    var quiet: Duration
    /// From the request until the response, whatever progress is reported (MCP, "Timeouts": a maximum should always
    /// be enforced).
    var total: Duration

    /// A limit that progress does not extend.
    static func fixed(_ duration: Duration) -> RequestLimit { RequestLimit(quiet: duration, total: duration) }
}
