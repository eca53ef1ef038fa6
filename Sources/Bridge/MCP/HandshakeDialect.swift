/// The dialect of the revisions 2024-11-05 to 2025-11-25: `initialize` opens a session.
///
/// Over streamable HTTP a session ends when the server forgets it (``SessionLoss``). Then one `initialize` opens a new
/// one, and the requests that the server has refused are sent again once, since it has not handled them. Over the other
/// transports the session is the connection.
struct HandshakeDialect: MCPDialect {
    private enum Phase: Sendable {
        case fresh
        /// The response to this `initialize` is awaited.
        case handshake(RequestID)
        case ready(MCPServerInfo)
        /// The server has forgotten the session, and the response to this `initialize` is awaited.
        case renewal(RequestID, of: MCPServerInfo)
        case ended
    }

    private static let sessionHeader = "Mcp-Session-Id"
    private static let versionHeader = "MCP-Protocol-Version"

    private let client: MCPImplementation
    private let serverRequests: ServerRequests
    private let renewsSessions: Bool
    private var phase = Phase.fresh
    private var handshakeLimit = Duration.zero
    private var pending = PendingRequests()
    /// Pending requests that are sent when the session was renewed.
    private var waiting: [RequestID] = []
    /// The headers of the present session; none before the handshake. A server without sessions has given no id.
    private var headers: [String: String] = [:]
    /// Counts the sessions: a new one may have the headers of the one before.
    private var session = 0
    private(set) var mayBeOlder = false

    /// - Parameter renewsSessions: whether a session that the server has forgotten is replaced; for streamable HTTP.
    init(client: MCPImplementation, serverRequests: ServerRequests = .standard, renewsSessions: Bool) {
        self.client = client
        self.serverRequests = serverRequests
        self.renewsSessions = renewsSessions
    }

    var server: MCPServerInfo? {
        switch phase {
        case .ready(let info), .renewal(_, of: let info): info
        case .fresh, .handshake, .ended: nil
        }
    }

    mutating func nextID() -> RequestID { pending.nextID() }
    func deadline(of id: RequestID) -> Instant? { pending[id]?.deadline }

    mutating func start(_ id: RequestID, limit: Duration, at now: Instant) -> [MCPAction] {
        guard case .fresh = phase else { return [.finish(id, .failure(.notConnected("the session was used before")))] }
        handshakeLimit = limit
        phase = .handshake(id)
        return [initialize(id, at: now)]
    }

    private mutating func initialize(_ id: RequestID, at now: Instant) -> MCPAction {
        let params: JSONValue = [
            "protocolVersion": .string(MCPProtocol.offered), "capabilities": serverRequests.capabilities,
            "clientInfo": client.json,
        ]
        let message = JSONRPCMessage.request(id: id, method: MCPProtocol.Method.initialize, params: params)
        pending.add(message, limit: .fixed(handshakeLimit), at: now)
        return .send(.message(MCPEnvelope(message: message, limit: handshakeLimit)))
    }

    mutating func request(
        _ id: RequestID, _ method: String, _ params: JSONValue, limit: RequestLimit, reportsProgress: Bool = false,
        at now: Instant
    ) -> [MCPAction] {
        guard server != nil else { return [.finish(id, .failure(.notConnected("the connection is not ready")))] }
        var params = params
        if reportsProgress { params["_meta"] = ["progressToken": id.json] }
        pending.add(.request(id: id, method: method, params: params), limit: limit, at: now)
        return post(id)
    }

    /// Sends a pending request in the present session, or when the session was renewed.
    private mutating func post(_ id: RequestID) -> [MCPAction] {
        guard let message = pending[id]?.message else { return [] }
        if case .renewal = phase {
            waiting.append(id)
            return []
        }
        pending[id]?.session = session
        return [send(message)]
    }

    private func send(_ message: JSONRPCMessage) -> MCPAction {
        .send(.message(MCPEnvelope(message: message, headers: headers)))
    }

    mutating func expire(_ id: RequestID, at now: Instant) -> [MCPAction] {
        guard let limit = pending.limitReached(by: id, at: now) else { return [] }
        return giveUp(id, .timedOut(after: limit), "timed out")
    }

    mutating func cancel(_ id: RequestID) -> [MCPAction] {
        pending[id] == nil ? [] : giveUp(id, .cancelled, "no longer needed")
    }

    /// Finishes a pending request with the failure, and tells the server so if it has the request.
    private mutating func giveUp(_ id: RequestID, _ failure: MCPFailure, _ reason: String) -> [MCPAction] {
        var actions: [MCPAction] = []
        // MCP, "Cancellation": "The initialize request MUST NOT be cancelled by clients"
        if !isInitialize(id), !waiting.contains(id) {
            let params: JSONValue = ["requestId": id.json, "reason": .string(reason)]
            actions.append(send(.notification(method: MCPProtocol.Method.cancelled, params: params)))
        }
        return actions + [.send(.abandon(id))] + finish(id, .failure(failure))
    }

    private func isInitialize(_ id: RequestID) -> Bool {
        switch phase {
        case .handshake(id), .renewal(id, of: _): true
        default: false
        }
    }

    func close() -> [MCPAction] { headers[Self.sessionHeader] == nil ? [] : [.send(.endSession(headers))] }

    mutating func end(_ problem: String) -> [MCPAction] {
        phase = .ended
        return pending.ids.flatMap { finish($0, .failure(.lost(problem))) }
    }

    /// Ends a pending request, also `initialize`. No effect when it is not pending.
    private mutating func finish(
        _ id: RequestID, _ outcome: Result<JSONValue, MCPFailure>, sessionID: String? = nil
    ) -> [MCPAction] {
        guard pending.remove(id) else { return [] }
        waiting.removeAll { $0 == id }
        switch phase {
        case .handshake(id):
            phase = .ended
            switch open(outcome, sessionID) {
            case .success(let actions): return actions + [.finish(id, outcome)]
            case .failure(let failure): return [.finish(id, .failure(failure))]
            }
        case .renewal(id, of: let info):
            // Without a new session the next request finds the old one lost, and tries again.
            phase = .ready(info)
            return renewed(open(outcome, sessionID))
        default: return [.finish(id, outcome)]
        }
    }
}

// The session, and what the server sends.
extension HandshakeDialect {
    /// Takes the outcome of `initialize`. Returns what begins the session, or why there is none.
    private mutating func open(
        _ outcome: Result<JSONValue, MCPFailure>, _ sessionID: String?
    ) -> Result<[MCPAction], MCPFailure> {
        outcome.flatMap { result in
            guard let info = MCPServerInfo(result) else {
                let version = (result["protocolVersion"]?.string ?? "none").prefix(40)
                return .failure(.unsupportedVersion(String(version)))
            }
            phase = .ready(info)
            session += 1
            headers = [Self.versionHeader: info.protocolVersion]
            headers[Self.sessionHeader] = sessionID
            let initialized = JSONRPCMessage.notification(method: MCPProtocol.Method.initialized, params: nil)
            // Servers refuse requests that arrive before it.
            let first = MCPEnvelope(message: initialized, headers: headers, isBarrier: true)
            return .success([.send(.message(first)), .send(.listen(headers))])
        }
    }

    /// Sends the waiting requests, or fails them.
    private mutating func renewed(_ opening: Result<[MCPAction], MCPFailure>) -> [MCPAction] {
        let requests = waiting
        waiting = []
        switch opening {
        case .success(let actions): return actions + requests.flatMap { post($0) } + [.toolsChanged]
        case .failure(let failure):
            let problem = "it opened no new session in the place of the expired one: \(failure.explanation)"
            return requests.flatMap { finish($0, .failure(.notConnected(problem))) }
        }
    }

    /// The server did not handle a request, since it does not know the session. Several requests find the same session
    /// lost; the first opens the new one.
    private mutating func lost(_ id: RequestID, at now: Instant) -> [MCPAction] {
        guard let request = pending[id] else { return [] }
        guard !request.isRepeated else {
            return finish(id, .failure(.notConnected("it forgets its sessions at once")))
        }
        pending[id]?.isRepeated = true
        let renewal = request.session == session ? renew(at: now) : []
        return renewal + post(id)
    }

    private mutating func renew(at now: Instant) -> [MCPAction] {
        guard case .ready(let info) = phase else { return [] }
        let id = pending.nextID()
        phase = .renewal(id, of: info)
        return [initialize(id, at: now)]
    }

    mutating func receive(_ incoming: MCPIncoming, at now: Instant) -> [MCPAction] {
        switch incoming {
        case .message(.request(let id, let method, _), _): return [send(serverRequests.answer(to: id, method))]
        case .message(.notification(let method, let params), _): return notified(method, params, now)
        case .message(.error(id: nil, let error), _) where error.code == JSONRPCError.methodNotFound:
            return []  // some servers answer notifications that they do not know
        case .message(.error(let id, let error), _):
            guard let id = pending.answered(by: id) else { return [] }
            if renewsSessions, !isInitialize(id), error.reportsLostSession { return lost(id, at: now) }
            return finish(id, .failure(.server(error)))
        case .message(.result(let id, let result), let sessionID):
            return pending.answered(by: id).map { finish($0, .success(result), sessionID: sessionID) } ?? []
        case .failed(let id, let failure): return finish(id, .failure(failure))
        case .refused(let id, let refusal): return refused(id, refusal, now)
        case .listeningRefused(let refusal):
            // A status alone may be about the stream: some servers answer 404 as they should answer 405.
            let isLost = headers[Self.sessionHeader] != nil && refusal.reportsLostSession(withID: false)
            return isLost ? renew(at: now) : []
        case .unreadable(let response):
            // No other response will come.
            return pending.answered(by: response.id).map { finish($0, .failure(.lost(response.problem))) }
                ?? [.logged(level: "error", text: response.problem)]
        }
    }

    private mutating func refused(_ id: RequestID, _ refusal: HTTPRefusal, _ now: Instant) -> [MCPAction] {
        if case .handshake(id) = phase { mayBeOlder = [400, 404, 405].contains(refusal.status) }
        let isLost = !isInitialize(id) && refusal.reportsLostSession(withID: headers[Self.sessionHeader] != nil)
        return isLost ? lost(id, at: now) : finish(id, .failure(refusal.failure))
    }

    private mutating func notified(_ method: String, _ params: JSONValue?, _ now: Instant) -> [MCPAction] {
        switch method {
        case MCPProtocol.Method.toolsChanged where server != nil: return [.toolsChanged]
        case MCPProtocol.Method.progress: pending.progressed(params, at: now)
        case MCPProtocol.Method.logMessage:
            let data = params?["data"]
            let text = data?.string ?? data?.text() ?? ""
            return [.logged(level: params?["level"]?.string ?? "info", text: String(text.prefix(1000)))]
        default: break
        }
        return []
    }
}
