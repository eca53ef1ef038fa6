import CWebSockets
import DequeModule

/// A frame that waits to be written.
struct OutgoingFrame: Sendable {
    enum Kind: Sendable {
        case text, binary, continuation, ping, close
    }

    let kind: Kind
    let isFinal: Bool
    /// The payload, behind the headroom in which libwebsockets writes the frame's header.
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
