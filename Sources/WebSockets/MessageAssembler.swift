/// Puts the pieces of a message together: fragments of the protocol and chunks of libwebsockets' buffer alike.
struct MessageAssembler {
    enum Step: Equatable {
        case partial
        case complete(WebSocketMessage)
        /// The peer broke a rule; close with this code.
        case violation(code: Int, reason: String)
    }

    let limit: Int
    private var bytes: [UInt8] = []

    init(limit: Int) { self.limit = limit }

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
