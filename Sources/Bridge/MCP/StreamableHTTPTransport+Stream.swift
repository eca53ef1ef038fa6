extension StreamableHTTPTransport {
    /// Takes a message of a stream; returns the outcome of the request when it is its response.
    typealias Hand = @Sendable (JSONRPCMessage) -> Outcome?

    /// How far the events of a stream were read, to continue it in another exchange (MCP 2025-11-25, "Resumability and
    /// Redelivery").
    struct StreamPosition: Sendable {
        /// nil when the server has sent no id, so that the stream cannot be continued.
        private(set) var lastEventID: String?
        /// The time that the server wants to pass before the next exchange; nil when it has named none.
        private(set) var retry: Duration?
        /// How the last exchange ended before the response came.
        fileprivate(set) var problem = "it closed the stream before it answered"

        /// The longest wait that a server may demand.
        private static let longestRetry = Duration.seconds(3600)

        mutating func move(to events: ServerSentEvents.Iterator) {
            if let id = events.lastEventID { lastEventID = id.isEmpty ? nil : id }
            if let named = events.retry { retry = min(named, Self.longestRetry) }
        }

        /// The id for the header `Last-Event-ID`, if it can be sent there.
        var header: String? {
            lastEventID.flatMap { id in id.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? id : nil }
        }
    }

    /// The most exchanges in sequence that fail while a stream is continued.
    private static let mostFailures = 5
    /// The wait before a stream is continued, if the server has named none.
    private static let standardRetry = Duration.seconds(1)
    /// The longest wait between two exchanges that bring no event, unless the server demands a longer one.
    private static let longestPause = Duration.seconds(5)

    /// Reads the event stream of a request until its response. If the stream ends before and its events have ids, it is
    /// continued with GET, as often as the server closes it: the time limits of the request end this too.
    func follow(
        _ body: HTTPClient.Body, answering id: RequestID, _ headers: Headers, _ hand: Hand
    ) async throws -> Outcome {
        var position = StreamPosition()
        if let outcome = try await read(body, answering: id, &position, hand) { return outcome }
        var (failures, pauses) = (0, 0)
        while let last = position.header, failures < Self.mostFailures {
            let retry = max(position.retry ?? Self.standardRetry, .milliseconds(50))
            try await Task.sleep(for: max(retry, min(retry * (1 << min(pauses, 10)), Self.longestPause)))
            pauses += 1
            do {
                let response = try await openStream(headers, after: last)
                if Self.isEventStream(response) {
                    failures = 0
                    if let outcome = try await read(response.body, answering: id, &position, hand) { return outcome }
                    if position.header != last { pauses = 0 }
                } else if Self.isPassing(response.status) {
                    failures += 1
                    position.problem = "it closed the stream before it answered (then HTTP \(response.status))"
                } else {
                    return .failed(
                        .lost(
                            "it closed the stream before it answered, and does not continue it "
                                + "(HTTP \(response.status))"))
                }
            } catch let failure as HTTPClient.Failure {
                failures += 1
                position.problem = "it closed the stream before it answered: \(failure.message)"
            }
        }
        return .failed(.lost(position.problem))
    }

    /// Reads events until the response to the request; nil when the stream ends or breaks before.
    private func read(
        _ body: HTTPClient.Body, answering id: RequestID, _ position: inout StreamPosition, _ hand: Hand
    ) async throws -> Outcome? {
        var events = ServerSentEvents(body, limit: Self.largestAnswer).makeAsyncIterator()
        do {
            while let event = try await events.next() {
                let frame = Self.frame(in: event)
                for message in frame.messages {
                    if let outcome = hand(message) { return outcome }
                }
                if let broken = frame.unreadable.first(where: { $0.id?.isSame(as: id) ?? true }) {
                    return .failed(.lost(broken.problem))
                }
            }
            position.problem = "it closed the stream before it answered"
        } catch let failure as HTTPClient.Failure where failure.code != .tooLarge {
            position.problem = failure.message
        }
        position.move(to: events)
        return nil
    }

    /// What is in one event; nothing in one with another name or without data, which are signs of life.
    static func frame(in event: ServerSentEvent) -> MCPFrame {
        let isEmpty = event.name != "message" || event.data.allSatisfy(\.isWhitespace)
        return MCPFrame(isEmpty ? [] : Array(event.data.utf8))
    }

    /// Opens an event stream with GET: that of the server's own messages, or after an event of any stream the rest of
    /// that one.
    func openStream(_ headers: Headers, after lastEventID: String?) async throws -> HTTPClient.Response {
        var fields = fields(headers, accepting: "text/event-stream")
        if let lastEventID { fields.append((name: "Last-Event-ID", value: lastEventID)) }
        let timeouts = HTTPClient.Timeouts(
            connect: connectTimeout, head: MCPHTTPClient.unlimited, idle: MCPHTTPClient.unlimited, total: nil)
        return try await http.send("GET", url, headers: fields, timeouts: timeouts)
    }

    static func isEventStream(_ response: HTTPClient.Response) -> Bool {
        response.status == 200 && response.headers["Content-Type"]?.lowercased().hasPrefix("text/event-stream") == true
    }

    /// Whether the same request may succeed later.
    static func isPassing(_ status: Int) -> Bool { [408, 425, 429].contains(status) || status >= 500 }
}
