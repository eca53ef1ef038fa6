import Logging

extension StreamableHTTPTransport {
    /// A stream that was open for this long has worked: the waits start again at the shortest.
    private static let lasting = Duration.seconds(10)

    /// Keeps the optional event stream for messages of the server open (MCP, "Listening for Messages from the Server"),
    /// until the task is cancelled or the server responds that it has none. A stream that the server closes soon is
    /// opened again after growing waits, whatever came on it.
    func listen(_ headers: Headers, _ receive: @escaping Receive) async {
        var position = StreamPosition()
        // A dialect that renews the session because a stream was refused would do so at once again.
        if let pause = listening.withLockedValue({ $0.backoff.attempts > 0 ? $0.backoff.next() : nil }) {
            try? await Task.sleep(for: pause)
        }
        while !Task.isCancelled {
            var opened: ContinuousClock.Instant?
            var isOver = false
            do {
                let response = try await openStream(headers, after: position.header)
                if Self.isEventStream(response) {
                    opened = ContinuousClock.now
                    try await take(response.body, &position, receive)
                } else {
                    isOver = await isRefused(response, &position, receive)
                }
            } catch {
                logger.debug("The stream of an MCP server broke.", metadata: ["problem": "\(error)"])
            }
            if let opened, ContinuousClock.now - opened >= Self.lasting {
                listening.withLockedValue { $0.backoff.reset() }
            }
            let pause = listening.withLockedValue { $0.backoff.next() }
            if isOver { return }
            try? await Task.sleep(for: max(pause, position.retry ?? .zero))
        }
    }

    /// Reports a response that is no event stream. Returns whether the server will give none for these headers: 405, or
    /// any other status that does not pass.
    private func isRefused(
        _ response: HTTPClient.Response, _ position: inout StreamPosition, _ receive: Receive
    ) async -> Bool {
        if response.status >= 400 { receive(.listeningRefused(await HTTPRefusal(response))) }
        if Self.isPassing(response.status) { return false }
        guard (400..<500).contains(response.status), response.status != 405, position.header != nil else { return true }
        position = StreamPosition()  // the server may not know the event any more
        return false
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
                    if let id = message.answeredID { exchanges.end(id) }
                }
                for response in frame.unreadable { receive(.unreadable(response)) }
            }
        } catch {
            position.move(to: events)
            throw error
        }
        position.move(to: events)
    }
}
