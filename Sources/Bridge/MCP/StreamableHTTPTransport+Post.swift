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
            return try await answered(message, id, response, receive)
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
        _ message: JSONRPCMessage, _ id: RequestID, _ response: HTTPClient.Response, _ receive: @escaping Receive
    ) async throws -> Outcome {
        let hand = { (answer: JSONRPCMessage) in
            if message.method == MCPProtocol.Method.initialize, case .result(_, let result) = answer {
                adopt(result, response.headers["Mcp-Session-Id"])
            }
            receive(.message(answer))
        }
        let type = response.headers["Content-Type"]?.lowercased() ?? ""
        if type.hasPrefix("text/event-stream") {
            for try await event in ServerSentEvents(response.body, limit: Self.largestAnswer) {
                for message in Self.messages(in: event) {
                    hand(message)
                    if Self.isAnswer(message, to: id) { return .done }
                }
            }
            return .failed(.lost("it closed the stream before it answered"))
        }
        guard type.hasPrefix("application/json") else {
            return .failed(.lost("it answered HTTP \(response.status) without JSON or an event stream"))
        }
        let body = try await response.collect(upTo: Self.largestAnswer)
        guard let value = try? JSONValue(parsing: body) else { return .failed(.lost("its answer is not JSON")) }
        let messages = JSONRPCMessage.all(in: value)
        // A single response in the body is the response to this request, whatever its id.
        for message in messages { hand(messages.count == 1 ? message.answering(id) : message) }
        guard messages.contains(where: { $0.method == nil }) else {
            return .failed(.lost("its answer is no JSON-RPC response"))
        }
        return .done
    }

    /// The messages in one event; none for an event with another name or without JSON.
    static func messages(in event: ServerSentEvent) -> [JSONRPCMessage] {
        guard event.name == "message", let value = try? JSONValue(parsing: event.data) else { return [] }
        return JSONRPCMessage.all(in: value)
    }

    private static func isAnswer(_ message: JSONRPCMessage, to id: RequestID) -> Bool {
        switch message {
        case .result(let answered, _): "\(answered)" == "\(id)"
        case .error(let answered, _): answered.map { "\($0)" == "\(id)" } ?? false
        case .request, .notification: false
        }
    }

    /// Stores session id and protocol version of a successful `initialize`.
    private func adopt(_ result: JSONValue, _ sessionID: String?) {
        // Visible ASCII only (MCP, "Session Management"); other characters could not be sent in a header.
        let isUsable = sessionID?.utf8.allSatisfy { (0x21...0x7E).contains($0) } ?? false
        state.withLockedValue {
            $0.session = Session(id: isUsable ? sessionID : nil, version: result["protocolVersion"]?.string)
        }
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
        if session.id != nil, message.method != MCPProtocol.Method.initialize {
            if status == 404 { return .sessionExpired }
            // Some servers respond with 400 instead of 404.
            let text = String(decoding: body, as: UTF8.self).lowercased()
            if status == 400, text.contains("session not found") { return .sessionExpired }
        }
        if status != 401, status != 403, let id = message.requestID, let value = try? JSONValue(parsing: body),
            let answer = JSONRPCMessage(value), case .error = answer
        {
            receive(.message(answer.answering(id)))
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
