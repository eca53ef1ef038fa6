/// One event of a `text/event-stream`.
package struct ServerSentEvent: Sendable, Hashable {
    /// The field `event`; "message" when the block has none.
    package var name: String
    /// The lines of `data`, joined by line feeds.
    package var data: String
    /// The last event id of the stream, set by this block or an earlier one; nil when none has set it.
    package var id: String?
    /// The reconnection time that this event's block set; nil when it set none.
    package var retry: Duration?

    package init(name: String = "message", data: String, id: String? = nil, retry: Duration? = nil) {
        self.name = name
        self.data = data
        self.id = id
        self.retry = retry
    }
}

/// Incremental parser of `text/event-stream` (https://html.spec.whatwg.org/multipage/server-sent-events.html, 9.2.6):
/// takes the bytes in pieces of any size. Bytes after the last blank line are no event.
package struct ServerSentEventParser: Sendable {
    /// The value for `Last-Event-ID` when connecting again; also set by blocks without data, which are no events.
    package private(set) var lastEventID: String?
    /// The reconnection time that the stream set last; nil when it has set none.
    package private(set) var retry: Duration?

    private let limit: Int
    private var line: [UInt8] = []
    private var skipsLineFeed = false
    private var isFirstLine = true
    private var name = ""
    private var data: [UInt8]?
    private var blockRetry: Duration?

    /// - Parameter limit: the most bytes of one event (the data of its earlier lines and the line that is being read).
    package init(limit: Int = 16 * 1024 * 1024) {
        self.limit = limit
    }

    /// Takes the next bytes of the stream and returns the events that they complete.
    ///
    /// - Throws: ``HTTPClient/Failure`` with `tooLarge` when an event exceeds the limit; the parser must not be used
    ///   afterwards.
    package mutating func feed(_ bytes: ArraySlice<UInt8>) throws(HTTPClient.Failure) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var rest = bytes
        while let first = rest.first {
            if skipsLineFeed {
                skipsLineFeed = false
                if first == UInt8(ascii: "\n") {
                    rest = rest.dropFirst()
                    continue
                }
            }
            guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) else {
                try extendLine(rest)
                break
            }
            try extendLine(rest[..<end])
            skipsLineFeed = rest[end] == UInt8(ascii: "\r")
            rest = rest[rest.index(after: end)...]
            if let event = endLine() { events.append(event) }
        }
        return events
    }

    /// As ``feed(_:)-(ArraySlice<UInt8>)``, for all of an array.
    package mutating func feed(_ bytes: [UInt8]) throws(HTTPClient.Failure) -> [ServerSentEvent] {
        try feed(bytes[...])
    }

    private mutating func extendLine(_ bytes: ArraySlice<UInt8>) throws(HTTPClient.Failure) {
        guard line.count + (data?.count ?? 0) + bytes.count <= limit else {
            throw HTTPClient.Failure(
                .tooLarge, "an event of a stream is larger than \(limit) bytes: ask the server for less")
        }
        line += bytes
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: line.capacity <= 65536) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }  // byte order mark
        }
        guard !line.isEmpty else { return endBlock() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        setField(String(decoding: line[..<colon], as: UTF8.self), value)
        return nil
    }

    private mutating func setField(_ field: String, _ value: ArraySlice<UInt8>) {
        switch field {
        case "data":
            if data == nil { data = Array(value) } else { data? += [UInt8(ascii: "\n")] + value }
        case "event":
            name = String(decoding: value, as: UTF8.self)
        case "id":
            if !value.contains(0) { lastEventID = String(decoding: value, as: UTF8.self) }
        case "retry":
            guard value.allSatisfy({ (0x30...0x39).contains($0) }),
                let milliseconds = Int64(String(decoding: value, as: UTF8.self))
            else { return }
            blockRetry = .milliseconds(milliseconds)
            retry = blockRetry
        default: break  // a comment (no name before the colon) or a field of a later standard
        }
    }

    private mutating func endBlock() -> ServerSentEvent? {
        defer { (name, data, blockRetry) = ("", nil, nil) }
        return data.map { data in
            ServerSentEvent(
                name: name.isEmpty ? "message" : name, data: String(decoding: data, as: UTF8.self), id: lastEventID,
                retry: blockRetry)
        }
    }
}

/// The events of a response body, for one reader.
package struct ServerSentEvents: AsyncSequence, Sendable {
    package typealias Element = ServerSentEvent
    package typealias Failure = any Error

    private let body: HTTPClient.Body
    private let limit: Int

    /// - Parameter limit: see ``ServerSentEventParser/init(limit:)``.
    package init(_ body: HTTPClient.Body, limit: Int = 16 * 1024 * 1024) {
        self.body = body
        self.limit = limit
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(chunks: body.makeAsyncIterator(), parser: ServerSentEventParser(limit: limit))
    }

    /// Reads the body and parses its events.
    package struct Iterator: AsyncIteratorProtocol {
        private var chunks: HTTPClient.Body.Iterator
        private var parser: ServerSentEventParser
        private var ready: ArraySlice<ServerSentEvent> = []

        fileprivate init(chunks: HTTPClient.Body.Iterator, parser: ServerSentEventParser) {
            self.chunks = chunks
            self.parser = parser
        }

        /// As ``ServerSentEventParser/lastEventID``; valid also after the end.
        package var lastEventID: String? { parser.lastEventID }
        /// As ``ServerSentEventParser/retry``; valid also after the end.
        package var retry: Duration? { parser.retry }

        /// The next event; nil after the last.
        ///
        /// - Throws: what ``HTTPClient/Body`` throws, and ``HTTPClient/Failure`` with `tooLarge`.
        package mutating func next() async throws -> ServerSentEvent? {
            while true {
                if let event = ready.popFirst() { return event }
                guard let chunk = try await chunks.next() else { return nil }
                ready = try parser.feed(chunk)[...]
            }
        }
    }
}
