/// Assembles messages from the chunks that libwebsockets reports: parts of frames and WebSocket fragments alike.
struct MessageAssembler {
    /// What a chunk led to.
    enum Step: Equatable {
        case partial
        case complete(WebSocketMessage)
        /// The message is too long (1009) or not valid UTF-8 (1007): close with this code.
        case violation(code: Int, reason: String)
    }

    /// The longest message in bytes.
    let limit: Int
    private var bytes: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// Adds a chunk; `isFirst` and `isLast` refer to the message.
    mutating func append(_ piece: UnsafeRawBufferPointer, isFirst: Bool, isLast: Bool, isBinary: Bool) -> Step {
        if isFirst { bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 16) }
        guard bytes.count + piece.count <= limit else {
            bytes = []
            return .violation(code: 1009, reason: "a message may have \(limit) bytes")
        }
        bytes.append(contentsOf: piece)
        guard isLast else { return .partial }
        defer { bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 16) }
        if isBinary { return .complete(.binary(bytes)) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return .violation(code: 1007, reason: "text is not valid UTF-8")
        }
        return .complete(.text(text))
    }
}
