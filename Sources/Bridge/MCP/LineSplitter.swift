/// Cuts a stream of bytes into lines at 0x0A only: the other line breaks of Unicode are legal inside JSON strings.
struct LineSplitter: Sendable {
    /// A line grew beyond the limit.
    struct TooLong: Error {}

    private let limit: Int
    private var rest: [UInt8] = []

    /// - Parameter limit: the most bytes of one line.
    init(limit: Int) { self.limit = limit }

    /// The lines that these bytes complete, without their break and without a carriage return before it.
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

    mutating func append(_ bytes: [UInt8]) throws -> [[UInt8]] {
        try bytes.withUnsafeBytes { try append($0) }
    }
}
