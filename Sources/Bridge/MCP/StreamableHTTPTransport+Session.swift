import NIOConcurrencyHelpers

extension StreamableHTTPTransport {
    /// Replaces an expired session, unless it was replaced before. Of several requests that found the same session
    /// expired, the first opens the new one and the others wait. Returns nil on success, else the failure.
    func renew(_ expired: Session, _ receive: @escaping Receive) async -> MCPFailure? {
        // What this request does: nothing, open the session, or wait.
        enum Role {
            case done
            case leader(JSONRPCMessage)
            case follower
        }
        let role = state.withLockedValue { state -> Role in
            guard state.session == expired, let opening = state.opening else { return .done }
            if state.isRenewing { return .follower }
            state.isRenewing = true
            return .leader(opening)
        }
        switch role {
        case .done: return nil
        case .follower:
            await withCheckedContinuation { continuation in
                let isOver = state.withLockedValue { state in
                    if state.isRenewing { state.followers.append(continuation) }
                    return !state.isRenewing
                }
                if isOver { continuation.resume() }
            }
            let isStillExpired = state.withLockedValue { $0.session == expired }
            return isStillExpired ? .notConnected("its expired session could not be renewed") : nil
        case .leader(let opening):
            let failure = await open(opening, receive)
            let followers = state.withLockedValue { state in
                state.isRenewing = false
                defer { state.followers = [] }
                return state.followers
            }
            for follower in followers { follower.resume() }
            return failure
        }
    }

    /// Repeats the handshake and reports the new session. Returns nil on success, else the failure.
    private func open(_ opening: JSONRPCMessage, _ receive: Receive) async -> MCPFailure? {
        let answer = NIOLockedValueBox<JSONRPCMessage?>(nil)
        let outcome = await post(opening, in: Session()) { incoming in
            if case .message(let message) = incoming, message.method == nil { answer.withLockedValue { $0 = message } }
        }
        if case .failed(let failure) = outcome { return .notConnected(failure.explanation) }
        guard case .result(_, let result) = answer.withLockedValue({ $0 }) else {
            return .notConnected("it opened no new session in the place of the expired one")
        }
        let ready = JSONRPCMessage.notification(method: MCPProtocol.Method.initialized, params: nil)
        _ = await post(ready, in: state.withLockedValue { $0.session }) { _ in }
        receive(.renewed(result))
        return nil
    }

    /// Keeps the optional event stream for messages of the server open (MCP, "Listening for Messages from the Server"),
    /// until the task is cancelled or the server responds that it has none.
    func listen(_ receive: @escaping Receive) async {
        var backoff = Backoff(first: .seconds(1), most: .seconds(60))
        while !Task.isCancelled {
            let session = state.withLockedValue { $0.session }
            let timeouts = HTTPClient.Timeouts(
                connect: connectTimeout, head: .seconds(86400), idle: .seconds(86400), total: nil)
            do {
                let response = try await http.send(
                    HTTPClient.Request("GET", url, headers: streamHeaders(in: session), timeouts: timeouts))
                if response.status == 404, session.id != nil {
                    _ = await renew(session, receive)
                } else if response.status == 200,
                    response.headers["Content-Type"]?.lowercased().hasPrefix("text/event-stream") == true
                {
                    backoff.reset()
                    for try await event in ServerSentEvents(response.body, limit: Self.largestAnswer) {
                        for message in Self.messages(in: event) { receive(.message(message)) }
                    }
                } else if response.status < 500 {
                    return  // 405, or any other response without an event stream: the server does not offer one
                }
            } catch {
                logger.debug("The stream of an MCP server broke.", metadata: ["problem": "\(error)"])
            }
            try? await Task.sleep(for: backoff.next())
        }
    }

    private func streamHeaders(in session: Session) -> [(name: String, value: String)] {
        headers(in: session).map { $0.name == "Accept" ? ($0.name, "text/event-stream") : $0 }
    }

    /// Sends DELETE for the session (MCP, "Session Management"), within 3 s. Its response is ignored, since servers may
    /// refuse it.
    func endSession() async {
        let session = state.withLockedValue { $0.session }
        guard session.id != nil else { return }
        let timeouts = HTTPClient.Timeouts(
            connect: .seconds(2), head: .seconds(2), idle: .seconds(2), total: .seconds(3))
        do {
            _ = try await http.send(
                HTTPClient.Request("DELETE", url, headers: headers(in: session), timeouts: timeouts))
        } catch {
            logger.debug("An MCP session could not be ended.", metadata: ["problem": "\(error)"])
        }
    }
}
