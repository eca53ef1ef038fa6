/// A fault that is injected into open Socket Mode connections.
package enum SocketFault: Sendable, Hashable {
    /// The TCP connection is reset.
    case drop
    /// Half-open: the emulator stops reading, so that pings are not answered; the TCP connection stays.
    case stall
    /// `disconnect` with `warning`, and a close after ``SlackTimeouts/closeAfterNotice``.
    case warn
    /// `disconnect` with `refresh_requested`, and a close after ``SlackTimeouts/closeAfterNotice``.
    case refresh
    /// `disconnect` with `link_disabled`, and a close at once.
    case disable
    /// A close frame with this code.
    case close(Int)
    /// Messages that a client must tolerate: no JSON, no object, an unknown type, truncated JSON, an envelope without
    /// an event, binary data.
    case badFrames
}
