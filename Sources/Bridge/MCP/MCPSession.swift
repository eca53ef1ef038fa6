/// One connection to a server of the handshake era (2024-11-05 to 2025-11-25) as a pure machine: calls in, actions out,
/// no clock and no I/O of its own.
///
/// Whoever drives it carries out the actions in their order and asks ``deadline(of:)`` when to call ``expire(_:at:)``.
struct MCPSession: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long an answer may take.
    struct Limit: Sendable, Hashable {
        /// Without a sign of life.
        var quiet: Duration
        /// In all, however often the server reports progress ("Timeouts": a maximum should always be enforced).
        var total: Duration

        /// No progress prolongs it.
        static func fixed(_ duration: Duration) -> Limit { Limit(quiet: duration, total: duration) }
    }

    enum Action: Sendable, Hashable {
        case send(JSONRPCMessage)
        /// Nobody waits for this request any more: its exchange may be dropped.
        case abandon(RequestID)
        case finish(RequestID, Result<JSONValue, MCPFailure>)
        case toolsChanged
        /// The server logged something; untrusted text.
        case logged(level: String, text: String)
    }

    private enum Phase: Sendable {
        case fresh
        case handshake(RequestID)
        case ready(MCPServerInfo)
        case ended
    }

    private struct Pending: Sendable {
        let quiet: Duration
        let latest: Instant
        var deadline: Instant
        var progress = -Double.infinity
    }

    private let client: MCPImplementation
    private var phase = Phase.fresh
    private var pending: [RequestID: Pending] = [:]
    private var lastID: Int64 = 0

    init(client: MCPImplementation) { self.client = client }

    /// What the server said of itself; nil before the handshake is over and after the end.
    var server: MCPServerInfo? { if case .ready(let info) = phase { info } else { nil } }

    /// An id that this session has not used yet.
    mutating func nextID() -> RequestID {
        lastID += 1
        return .number(lastID)
    }

    /// Opens the session. Its request finishes with the result of `initialize` once the session is ready.
    mutating func start(_ id: RequestID, limit: Duration, at now: Instant) -> [Action] {
        guard case .fresh = phase else { return [.finish(id, .failure(.notConnected("the session was used before")))] }
        phase = .handshake(id)
        // No sampling, no roots: a server shall neither spend our tokens nor learn of files. No elicitation yet.
        let params: JSONValue = [
            "protocolVersion": .string(MCPProtocol.offered), "capabilities": [:], "clientInfo": client.json,
        ]
        return send(id, MCPProtocol.Method.initialize, params, .fixed(limit), now)
    }

    /// Sends a request. With `reportsProgress` the server may report progress, which prolongs the quiet limit.
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
        pending[id] = Pending(quiet: limit.quiet, latest: latest, deadline: min(now + limit.quiet, latest))
        return [.send(.request(id: id, method: method, params: params))]
    }

    /// When that request is overdue; nil when it is not pending.
    func deadline(of id: RequestID) -> Instant? { pending[id]?.deadline }

    /// Ends the request when its deadline has passed.
    mutating func expire(_ id: RequestID, at now: Instant) -> [Action] {
        guard let overdue = pending[id], now >= overdue.deadline else { return [] }
        return giveUp(id, .timedOut(after: overdue.deadline == overdue.latest ? nil : overdue.quiet), "timed out")
    }

    /// Ends the request because nobody wants its answer any more.
    mutating func cancel(_ id: RequestID) -> [Action] {
        pending[id] == nil ? [] : giveUp(id, .cancelled, "no longer needed")
    }

    private mutating func giveUp(_ id: RequestID, _ failure: MCPFailure, _ reason: String) -> [Action] {
        pending[id] = nil
        var actions: [Action] = []
        if case .handshake(id) = phase {
            phase = .ended  // "The initialize request MUST NOT be cancelled by clients": the connection ends instead
        } else {
            actions.append(
                .send(
                    .notification(
                        method: MCPProtocol.Method.cancelled,
                        params: ["requestId": id.json, "reason": .string(reason)])))
        }
        return actions + [.abandon(id), .finish(id, .failure(failure))]
    }

    /// The exchange of one request failed while the connection as a whole may be well (HTTP).
    mutating func fail(_ id: RequestID, _ failure: MCPFailure) -> [Action] {
        guard pending.removeValue(forKey: id) != nil else { return [] }
        if case .handshake(id) = phase { phase = .ended }
        return [.finish(id, .failure(failure))]
    }

    /// The connection is gone, and with it everything that was under way.
    mutating func end(_ problem: String) -> [Action] {
        phase = .ended
        defer { pending = [:] }
        return pending.keys.sorted { "\($0)" < "\($1)" }.map { .finish($0, .failure(.lost(problem))) }
    }

    /// The transport opened a new session in the place of one that the server had forgotten.
    mutating func renewed(_ result: JSONValue) -> [Action] {
        guard case .ready = phase, let info = MCPServerInfo(result) else { return [] }
        phase = .ready(info)
        return [.toolsChanged]
    }

    mutating func receive(_ message: JSONRPCMessage, at now: Instant) -> [Action] {
        switch message {
        case .result(let id, let result):
            return answered(id, .success(result))
        case .error(let id, let error):
            return id.map { answered($0, .failure(.server(error))) } ?? []
        case .request(let id, let method, _):
            guard method == MCPProtocol.Method.ping else {
                // Always answered, or the server waits for ever.
                let error = JSONRPCError(code: JSONRPCError.methodNotFound, message: "Method not found")
                return [.send(.error(id: id, error))]
            }
            return [.send(.result(id: id, [:]))]
        case .notification(let method, let params):
            return notified(method, params, now)
        }
    }

    private mutating func answered(_ id: RequestID, _ outcome: Result<JSONValue, MCPFailure>) -> [Action] {
        // Some servers answer "1" to 1; late answers and answers to nothing are ignored.
        guard let known = pending[id] != nil ? id : pending.keys.first(where: { "\($0)" == "\(id)" }) else { return [] }
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
            if let id = RequestID(params?["progressToken"]), var request = pending[id],
                let progress = params?["progress"]?.double, progress > request.progress
            {
                request.progress = progress
                request.deadline = min(now + request.quiet, request.latest)
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
