extension StreamableHTTPTransport {
    /// POSTs one message and passes the messages of its response to `receive`.
    func post(_ message: JSONRPCMessage, in session: Session, _ receive: @escaping Receive) async -> Outcome {
        let request = HTTPClient.Request(
            "POST", url, headers: headers(in: session) + [("Content-Type", "application/json")],
            body: message.json.bytes(), timeouts: timeouts(for: message))
        do {
            let response = try await http.send(request)
            guard (200..<300).contains(response.status) else {
                return await refused(message, response, in: session, receive)
            }
            // For a notification or a response every 2xx means that it was accepted; its body is ignored.
            guard let id = message.requestID else { return .done }
            return try await answered(message, id, response, in: session, receive)
        } catch {
            return .failed(Self.failure(error))
        }
    }

    /// The headers of every request: both content types of a response (some servers refuse one alone), credentials,
    /// session id and protocol version.
    func headers(in session: Session) -> [(name: String, value: String)] {
        var headers = [(name: "Accept", value: "application/json, text/event-stream")]
        headers += credentials.map { ($0.name, $0.value.revealed) }
        if let id = session.id { headers.append(("Mcp-Session-Id", id)) }
        if let version = session.version { headers.append(("MCP-Protocol-Version", version)) }
        return headers
    }

    /// A request has the limits of ``MCPSession``, so its HTTP timeouts are longer. All other messages, and
    /// `initialize`, have the connect timeout.
    private func timeouts(for message: JSONRPCMessage) -> HTTPClient.Timeouts {
        let isRequest = message.requestID != nil && message.method != MCPProtocol.Method.initialize
        return HTTPClient.Timeouts(
            connect: connectTimeout, head: isRequest ? .seconds(86400) : connectTimeout,
            idle: isRequest ? .seconds(86400) : connectTimeout, total: isRequest ? nil : connectTimeout)
    }

    /// Reads the response to a request, JSON or an event stream, until it contains the JSON-RPC response.
    private func answered(
        _ message: JSONRPCMessage, _ id: RequestID, _ response: HTTPClient.Response, in session: Session,
        _ receive: @escaping Receive
    ) async throws -> Outcome {
        let isHandshake = message.method == MCPProtocol.Method.initialize
        let newID = response.headers["Mcp-Session-Id"]
        // The outcome when the message is the response, nil for other messages. A response without an id is that to
        // this request: there is one in each exchange.
        let hand: Hand = { answer in
            let isResponse = answer.method == nil && (answer.answeredID?.isSame(as: id) ?? true)
            if isResponse, case .error(_, let error) = answer, session.isOpen, error.reportsLostSession {
                return .sessionExpired
            }
            if isHandshake, case .result(_, let result) = answer { adopt(result, newID) }
            receive(.message(isResponse ? answer.answering(id) : answer))
            return isResponse ? .done : nil
        }
        let type = response.headers["Content-Type"]?.lowercased() ?? ""
        if type.hasPrefix("text/event-stream") {
            // Until the handshake is complete its session is known to this exchange only.
            let own = isHandshake ? Session(id: newID.flatMap(Self.usable)) : session
            return try await follow(response.body, answering: id, in: own, hand)
        }
        let body = try await response.collect(upTo: Self.largestAnswer)
        let frame = MCPFrame(body)
        let only = frame.onlyResponse
        var outcome: Outcome?
        for message in frame.messages {
            // A single response in the body is the response to this request, whatever its id.
            if let reached = hand(message == only ? message.answering(id) : message) { outcome = outcome ?? reached }
        }
        if let outcome { return outcome }
        if let problem = frame.unreadable.first?.problem { return .failed(.lost(problem)) }
        guard type.contains("json") else {
            return .failed(.lost("it answered HTTP \(response.status) without JSON or an event stream"))
        }
        return .failed(.lost(frame.isNoise ? "its answer is not JSON" : "its answer is no JSON-RPC response"))
    }

    /// Stores session id and protocol version of a successful `initialize`.
    private func adopt(_ result: JSONValue, _ sessionID: String?) {
        state.withLockedValue {
            $0.session = Session(
                id: sessionID.flatMap(Self.usable), version: result["protocolVersion"]?.string,
                number: $0.session.number + 1)
        }
    }

    /// Visible ASCII only (MCP, "Session Management"); other characters could not be sent in a header.
    private static func usable(_ sessionID: String) -> String? {
        sessionID.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? sessionID : nil
    }

    /// Handles a response whose status is not 2xx: an expired session, a JSON-RPC error in the body, or an HTTP
    /// failure.
    private func refused(
        _ message: JSONRPCMessage, _ response: HTTPClient.Response, in session: Session, _ receive: Receive
    ) async -> Outcome {
        let status = response.status
        if message.method == MCPProtocol.Method.initialize, [400, 404, 405].contains(status) {
            state.withLockedValue { $0.isRefusedAsOlder = true }
        }
        let body = (try? await response.collect(upTo: 65536)) ?? []
        if session.isOpen, message.method != MCPProtocol.Method.initialize,
            SessionLoss.isReported(status: status, body: body, hasSessionID: session.id != nil)
        {
            return .sessionExpired
        }
        if status != 401, status != 403, let id = message.requestID,
            case .error(_, let error)? = MCPFrame(body).onlyResponse
        {
            // Any other error with a status from 400 to 499 is about the exchange: the request was not handled.
            if (400..<500).contains(status), !error.rejectsRequest {
                let reason = "error \(error.code): \(error.message.prefix(500))"
                return .failed(.notConnected("it refused the request (HTTP \(status)), \(reason)"))
            }
            receive(.message(.error(id: id, error)))
            return .done
        }
        switch status {
        case 401, 403:
            return .failed(
                .notConnected("it refused the credentials (HTTP \(status)); check the authentication of its entry"))
        case 300..<400:
            return .failed(.notConnected("it moved (HTTP \(status)); put its present URL into the entry"))
        case 404, 405: return .failed(.notConnected("no MCP endpoint is at its URL (HTTP \(status)); check the URL"))
        case 400..<500: return .failed(.notConnected("it refused the request (HTTP \(status))"))
        default: return .failed(.lost("it failed (HTTP \(status))"))
        }
    }

    /// Maps an error of the HTTP client; any other error is a cancellation.
    static func failure(_ error: any Error) -> MCPFailure {
        guard let error = error as? HTTPClient.Failure else { return .cancelled }
        return error.isConnectionFailure ? .notConnected(error.message) : .lost(error.message)
    }
}
