extension StreamableHTTPTransport {
    /// POSTs one message and passes the messages of its response to `receive`.
    func post(_ envelope: MCPEnvelope, _ receive: @escaping Receive) async -> Outcome {
        do {
            let response = try await http.send(
                "POST", url, headers: fields(envelope.headers) + [(name: "Content-Type", value: "application/json")],
                body: envelope.message.json.bytes(), timeouts: timeouts(for: envelope))
            guard (200..<300).contains(response.status) else { return .refused(await HTTPRefusal(response)) }
            // For a notification or a response every 2xx means that it was accepted; its body is ignored.
            guard let id = envelope.message.requestID else { return .done }
            return try await answered(id, response, envelope.headers, receive)
        } catch {
            return .failed(MCPFailure(ofExchange: error))
        }
    }

    /// A request without a limit of its own has those of the dialect, so its HTTP timeouts are longer. All other
    /// messages have the connect timeout.
    private func timeouts(for envelope: MCPEnvelope) -> HTTPClient.Timeouts {
        let limit = envelope.limit ?? (envelope.message.requestID == nil ? connectTimeout : nil)
        let phase = limit ?? MCPHTTPClient.unlimited
        return HTTPClient.Timeouts(connect: connectTimeout, head: phase, idle: phase, total: limit)
    }

    /// Reads the response to a request, JSON or an event stream, until it contains the JSON-RPC response.
    private func answered(
        _ id: RequestID, _ response: HTTPClient.Response, _ headers: Headers, _ receive: @escaping Receive
    ) async throws -> Outcome {
        let sessionID = response.headers["Mcp-Session-Id"].flatMap(Self.usable)
        // The outcome when the message is the response, nil for other messages. A response without an id is that to
        // this request: there is one in each exchange.
        let hand: Hand = { answer in
            let isResponse = answer.method == nil && (answer.answeredID?.isSame(as: id) ?? true)
            receive(.message(isResponse ? answer.answering(id) : answer, sessionID: sessionID))
            return isResponse ? .done : nil
        }
        let type = response.headers["Content-Type"]?.lowercased() ?? ""
        if type.hasPrefix("text/event-stream") {
            // The stream of a request without headers is that of the session which its response opens.
            let own = headers.isEmpty ? sessionID.map { ["Mcp-Session-Id": $0] } ?? [:] : headers
            return try await follow(response.body, answering: id, own, hand)
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

    /// Visible ASCII only (MCP, "Session Management"); other characters could not be sent in a header.
    private static func usable(_ sessionID: String) -> String? {
        sessionID.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? sessionID : nil
    }
}
