import NIOConcurrencyHelpers

extension StreamableHTTPTransport {
    /// Opens a session in the place of the expired one; nil when there is a newer one now. Of several requests that
    /// meet the same expired session one does it and the others wait.
    func renew(_ expired: Session, _ receive: @escaping Receive) async -> MCPFailure? {
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

    /// Keeps the optional stream open on which the server speaks first ("Listening for Messages from the Server").
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
                    return  // 405 and whatever else: the server offers no such stream
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

    /// Tells the server that the session is over; whatever it answers is fine ("Session Management").
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
