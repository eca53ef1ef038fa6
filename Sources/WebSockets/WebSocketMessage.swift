/// A message from the peer.
package enum WebSocketMessage: Sendable, Equatable {
    case text(String)
    case binary([UInt8])

    var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        }
    }
}
