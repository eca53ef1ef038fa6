/// State machine of one connection to a server with a handshake (revisions 2024-11-05 to 2025-11-25). Takes calls and
/// messages, returns actions; it does no I/O and reads no clock.
///
/// The driver carries out the actions in their order, and calls ``expire(_:at:)`` at the time of ``deadline(of:)``.
struct MCPSession: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long a response may take.
    struct Limit: Sendable, Hashable {
        /// From the request, or the last progress notification, until the response.
        var quiet: Duration
        /// From the request until the response, whatever progress is reported (MCP, "Timeouts": a maximum should always
        /// be enforced).
        var total: Duration

        /// A limit that progress does not extend.
        static func fixed(_ duration: Duration) -> Limit { Limit(quiet: duration, total: duration) }
    }

    /// What the driver has to do.
    enum Action: Sendable, Hashable {
        case send(JSONRPCMessage)
        /// The response of this request is not needed; the transport may end its exchange.
        case abandon(RequestID)
        /// The request has its result or failure.
        case finish(RequestID, Result<JSONValue, MCPFailure>)
        /// The server's tools must be listed again.
        case toolsChanged
        /// The server sent a log message, at most 1000 characters of untrusted text.
        case logged(level: String, text: String)
    }

    private enum Phase: Sendable {
        case fresh
        case handshake(RequestID)
        case ready(MCPServerInfo)
        case ended
    }

    private struct Pending: Sendable {
        let limit: Limit
        let latest: Instant
        var deadline: Instant
        var progress = -Double.infinity
    }

    private let client: MCPImplementation
    private var phase = Phase.fresh
    private var pending: [RequestID: Pending] = [:]
    private var lastID: Int64 = 0

    init(client: MCPImplementation) { self.client = client }

    /// The server's part of the handshake; nil before the session is ready and after its end.
    var server: MCPServerInfo? { if case .ready(let info) = phase { info } else { nil } }

    /// An id that is unused in this session.
    mutating func nextID() -> RequestID {
        lastID += 1
        return .number(lastID)
    }

    /// Opens the session. The request `id` finishes with the result of `initialize` when the session is ready.
    mutating func start(_ id: RequestID, limit: Duration, at now: Instant) -> [Action] {
        guard case .fresh = phase else { return [.finish(id, .failure(.notConnected("the session was used before")))] }
        phase = .handshake(id)
        // No capabilities: sampling would let a server spend tokens, roots would tell it of files, and elicitation is
        // not implemented.
        let params: JSONValue = [
            "protocolVersion": .string(MCPProtocol.offered), "capabilities": [:], "clientInfo": client.json,
        ]
        return send(id, MCPProtocol.Method.initialize, params, .fixed(limit), now)
    }

    /// Sends a request. With `reportsProgress` it has a progress token; each progress notification restarts the quiet
    /// limit.
    mutating func request(
        _ id: RequestID, _ method: String, _ params: JSONValue, limit: Limit, reportsProgress: Bool = false,
        at now: Instant
    ) -> [Action] {
        guard case .ready = phase else {
            return [.finish(id, .failure(.notConnected("the connection is not ready")))]
        }
        var params = params
        if reportsProgress { params["_meta"] = ["progressToken": id.json] }
        return send(id, method, params, limit, now)
    }

    private mutating func send(
        _ id: RequestID, _ method: String, _ params: JSONValue, _ limit: Limit, _ now: Instant
    ) -> [Action] {
        let latest = now + limit.total
        pending[id] = Pending(limit: limit, latest: latest, deadline: min(now + limit.quiet, latest))
        return [.send(.request(id: id, method: method, params: params))]
    }

    /// When the request times out; nil when it is not pending.
    func deadline(of id: RequestID) -> Instant? { pending[id]?.deadline }

    /// Ends the request when its deadline has passed.
    mutating func expire(_ id: RequestID, at now: Instant) -> [Action] {
        guard let overdue = pending[id], now >= overdue.deadline else { return [] }
        let limit = overdue.deadline == overdue.latest ? overdue.limit.total : overdue.limit.quiet
        return giveUp(id, .timedOut(after: limit), "timed out")
    }

    /// Ends the request because its caller was cancelled. No effect when it is not pending.
    mutating func cancel(_ id: RequestID) -> [Action] {
        pending[id] == nil ? [] : giveUp(id, .cancelled, "no longer needed")
    }

    /// Removes a pending request, tells the server so, and finishes it with the failure.
    private mutating func giveUp(_ id: RequestID, _ failure: MCPFailure, _ reason: String) -> [Action] {
        pending[id] = nil
        var actions: [Action] = []
        if case .handshake(id) = phase {
            phase = .ended  // MCP, "Cancellation": "The initialize request MUST NOT be cancelled by clients"
        } else {
            actions.append(
                .send(
                    .notification(
                        method: MCPProtocol.Method.cancelled,
                        params: ["requestId": id.json, "reason": .string(reason)])))
        }
        return actions + [.abandon(id), .finish(id, .failure(failure))]
    }

    /// The transport failed for one request; over HTTP other requests may still succeed.
    mutating func fail(_ id: RequestID, _ failure: MCPFailure) -> [Action] {
        guard pending.removeValue(forKey: id) != nil else { return [] }
        if case .handshake(id) = phase { phase = .ended }
        return [.finish(id, .failure(failure))]
    }

    /// A response cannot be read: the request that it answers fails at once, since no other response will come.
    mutating func unreadable(_ response: MCPFrame.Unreadable) -> [Action] {
        guard let id = answered(response.id) else { return [.logged(level: "error", text: response.problem)] }
        return fail(id, .lost(response.problem))
    }

    /// The pending request with the id of a response. A response without an id is that to the only pending request.
    private func answered(_ id: RequestID?) -> RequestID? {
        guard let id else { return pending.count == 1 ? pending.keys.first : nil }
        return pending[id] != nil ? id : pending.keys.first { $0.isSame(as: id) }
    }

    /// The connection has ended; all pending requests fail.
    mutating func end(_ problem: String) -> [Action] {
        phase = .ended
        defer { pending = [:] }
        return pending.keys.sorted { "\($0)" < "\($1)" }.map { .finish($0, .failure(.lost(problem))) }
    }

    /// The transport has replaced an expired session; `result` is that of the new `initialize`.
    mutating func renewed(_ result: JSONValue) -> [Action] {
        guard case .ready = phase, let info = MCPServerInfo(result) else { return [] }
        phase = .ready(info)
        return [.toolsChanged]
    }

    /// Handles a message of the server. Responses to unknown requests and unknown notifications are ignored.
    mutating func receive(_ message: JSONRPCMessage, at now: Instant) -> [Action] {
        switch message {
        case .result(let id, let result):
            return answered(id, .success(result))
        case .error(id: nil, let error) where error.code == JSONRPCError.methodNotFound:
            return []  // some servers answer notifications that they do not know
        case .error(let id, let error):
            return answered(id, .failure(.server(error)))
        case .request(let id, let method, _):
            guard method == MCPProtocol.Method.ping else {
                // Without a response the server would wait for ever.
                let error = JSONRPCError(code: JSONRPCError.methodNotFound, message: "Method not found")
                return [.send(.error(id: id, error))]
            }
            return [.send(.result(id: id, [:]))]
        case .notification(let method, let params):
            return notified(method, params, now)
        }
    }

    private mutating func answered(_ id: RequestID?, _ outcome: Result<JSONValue, MCPFailure>) -> [Action] {
        // Late responses and those to unknown ids are ignored.
        guard let known = answered(id) else { return [] }
        pending[known] = nil
        guard case .handshake(known) = phase else { return [.finish(known, outcome)] }
        phase = .ended
        guard case .success(let result) = outcome else { return [.finish(known, outcome)] }
        guard let info = MCPServerInfo(result) else {
            let version = (result["protocolVersion"]?.string ?? "none").prefix(40)
            return [.finish(known, .failure(.unsupportedVersion(String(version))))]
        }
        phase = .ready(info)
        return [
            .send(.notification(method: MCPProtocol.Method.initialized, params: nil)), .finish(known, outcome),
        ]
    }

    private mutating func notified(_ method: String, _ params: JSONValue?, _ now: Instant) -> [Action] {
        switch method {
        case MCPProtocol.Method.toolsChanged:
            if case .ready = phase { return [.toolsChanged] }
        case MCPProtocol.Method.progress:
            if let token = RequestID(params?["progressToken"]), let id = answered(token), var request = pending[id],
                let progress = params?["progress"]?.double, progress > request.progress
            {
                request.progress = progress
                request.deadline = min(now + request.limit.quiet, request.latest)
                pending[id] = request
            }
        case MCPProtocol.Method.logMessage:
            let data = params?["data"]
            let text = data?.string ?? data?.text() ?? ""
            return [.logged(level: params?["level"]?.string ?? "info", text: String(text.prefix(1000)))]
        default: break
        }
        return []
    }
}
