/// Something that goes wrong with open connections, or with those to come.
package enum SocketFault: Sendable, Hashable {
    /// The TCP connection is reset.
    case drop
    /// Half-open: nothing is read any more, so pings stay unanswered, but the connection stays.
    case stall
    /// `disconnect` with `warning`, and the end some seconds later.
    case warn
    /// `disconnect` with `refresh_requested`, and the end some seconds later.
    case refresh
    /// `disconnect` with `link_disabled`, and the end at once.
    case disable
    /// A close frame with this code.
    case close(Int)
    /// Frames that a client must survive: words, an unknown type, an envelope without an event, no object, binary.
    case badFrames
}
