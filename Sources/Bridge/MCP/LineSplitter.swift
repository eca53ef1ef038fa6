/// Splits a stream of bytes into lines at 0x0A only, since JSON strings may contain the other line breaks of Unicode.
struct LineSplitter: Sendable {
    /// A line has more bytes than the limit. The splitter must not be used afterwards.
    struct TooLong: Error {}

    private let limit: Int
    private var rest: [UInt8] = []

    /// - Parameter limit: the most bytes of one line.
    init(limit: Int) { self.limit = limit }

    /// The lines that these bytes complete, without the line feed and a carriage return before it. Throws ``TooLong``.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            rest += bytes[start..<end]
            guard rest.count <= limit else { throw TooLong() }
            if rest.last == 0x0D { rest.removeLast() }
            lines.append(rest)
            rest = []
            start = end + 1
        }
        rest += bytes[start...]
        guard rest.count <= limit else { throw TooLong() }
        return lines
    }

    /// The bytes after the last line feed, at the end of the stream: a line that its writer did not end. Empty when
    /// there are none.
    mutating func end() -> [UInt8] {
        defer { rest = [] }
        return rest
    }

    /// As above, for an array.
    mutating func append(_ bytes: [UInt8]) throws -> [[UInt8]] {
        try bytes.withUnsafeBytes { try append($0) }
    }
}
