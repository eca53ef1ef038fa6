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
            // The new session's id is known before its handshake is over, and until then it takes no requests.
            if state.isRenewing { return .follower }
            guard state.session == expired, let opening = state.opening else { return .done }
            state.isRenewing = true
            return .leader(opening)
        }
        switch role {
        case .done: return nil
        case .follower:
            return await withCheckedContinuation { continuation in
                let isOver = state.withLockedValue { state in
                    if state.isRenewing { state.followers.append(continuation) }
                    return !state.isRenewing
                }
                if isOver { continuation.resume(returning: nil) }
            }
        case .leader(let opening):
            let failure = await open(opening, receive)
            let followers = state.withLockedValue { state in
                state.isRenewing = false
                defer { state.followers = [] }
                return state.followers
            }
            for follower in followers { follower.resume(returning: failure) }
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

    /// A stream that was open for this long has worked: the waits start again at the shortest.
    private static let lasting = Duration.seconds(10)

    /// Keeps the optional event stream for messages of the server open (MCP, "Listening for Messages from the Server"),
    /// until the task is cancelled or the server responds that it has none. A stream that the server closes soon is
    /// opened again after growing waits, whatever came on it.
    func listen(_ receive: @escaping Receive) async {
        var backoff = Backoff(first: .seconds(1), most: .seconds(60))
        var position = StreamPosition()
        var last = Session()
        while !Task.isCancelled {
            let session = state.withLockedValue { $0.session }
            if session != last { position = StreamPosition() }  // ids of events are those of a session
            last = session
            var opened: ContinuousClock.Instant?
            do {
                let response = try await openStream(in: session, after: position.header)
                if Self.isEventStream(response) {
                    opened = ContinuousClock.now
                    try await take(response.body, &position, receive)
                } else if await isLost(session, response) {
                    _ = await renew(session, receive)
                } else if (400..<500).contains(response.status), response.status != 405, position.header != nil {
                    position = StreamPosition()  // the server may not know the event any more
                } else if !Self.isPassing(response.status) {
                    return  // 405, or any other response without an event stream: the server does not offer one
                }
            } catch {
                logger.debug("The stream of an MCP server broke.", metadata: ["problem": "\(error)"])
            }
            if let opened, ContinuousClock.now - opened >= Self.lasting { backoff.reset() }
            try? await Task.sleep(for: max(backoff.next(), position.retry ?? .zero))
        }
    }

    /// Passes on the messages of the server's own stream until it ends. Throws when it breaks.
    private func take(
        _ body: HTTPClient.Body, _ position: inout StreamPosition, _ receive: Receive
    ) async throws {
        var events = ServerSentEvents(body, limit: Self.largestAnswer).makeAsyncIterator()
        do {
            while let event = try await events.next() {
                let frame = Self.frame(in: event)
                for message in frame.messages {
                    receive(.message(message))
                    // Some servers respond to a POST here: its exchange would wait for ever.
                    if let id = message.answeredID { endExchange(of: id) }
                }
                for response in frame.unreadable { receive(.unreadable(response)) }
            }
        } catch {
            position.move(to: events)
            throw error
        }
        position.move(to: events)
    }

    private func endExchange(of id: RequestID) {
        let scope = state.withLockedValue { state -> CancellationScope? in
            guard let known = state.exchanges.keys.first(where: { $0.isSame(as: id) }) else { return nil }
            return state.exchanges.removeValue(forKey: known)
        }
        scope?.cancel()
    }

    private func isLost(_ session: Session, _ response: HTTPClient.Response) async -> Bool {
        guard session.isOpen, response.status >= 400 else { return false }
        let body = (try? await response.collect(upTo: 65536)) ?? []
        return SessionLoss.isReported(status: response.status, body: body, hasSessionID: session.id != nil)
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
