/// A whole message from the peer.
package enum WebSocketMessage: Sendable, Equatable {
    /// A text message; valid UTF-8.
    case text(String)
    case binary([UInt8])

    /// The payload's length in bytes.
    var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        }
    }
}
