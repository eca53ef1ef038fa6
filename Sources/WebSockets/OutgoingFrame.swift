import CWebSockets
import DequeModule

/// A WebSocket frame to be written.
struct OutgoingFrame: Sendable {
    /// The frame's opcode (RFC 6455 section 5.2).
    enum Kind: Sendable {
        case text, binary, continuation, ping, close
    }

    let kind: Kind
    /// The FIN bit: the last frame of its message.
    let isFinal: Bool
    /// `CLWS_PRE` bytes, in which libwebsockets writes the frame's header, then the payload.
    var bytes: [UInt8]

    init(_ kind: Kind, _ payload: some Collection<UInt8>, isFinal: Bool = true) {
        self.kind = kind
        self.isFinal = isFinal
        bytes = []
        bytes.reserveCapacity(Int(CLWS_PRE) + payload.count)
        bytes.append(contentsOf: repeatElement(0, count: Int(CLWS_PRE)))
        bytes.append(contentsOf: payload)
    }

    var payloadCount: Int { bytes.count - Int(CLWS_PRE) }
}
