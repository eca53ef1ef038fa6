/// An open WebSocket, of either side.
///
/// The references to it own the connection: when the last one goes, an open connection is aborted.
package final class WebSocket: Sendable {
    /// Unique among the connections of one loop.
    package let id: UInt64

    let state: ConnectionState

    init(_ state: ConnectionState) {
        id = state.id
        self.state = state
    }

    deinit { state.abort() }

    /// What the peer sends, for one consumer. Ends normally when the connection is gone; ``closeStatus`` then tells
    /// why.
    ///
    /// A slow consumer holds the peer back by TCP: at most 64 messages or 256 KiB wait here, plus the last message.
    package var messages: WebSocketMessages { WebSocketMessages(socket: self) }

    /// How the connection ended; nil while it lives.
    package var closeStatus: WebSocketClose? { state.closeStatus }

    /// When the last pong arrived; before the first, when the connection was made.
    package var lastControlFrame: ContinuousClock.Instant { state.lastControlFrame }

    /// Sends a text message; messages go out in the order of the calls.
    ///
    /// Returns when the kernel has all of it, which says nothing about the peer.
    /// - Throws: ``WebSocketError`` `closed`, `cancelled` (not sent, unless its first byte was already written),
    ///   `tooLarge`.
    package func send(_ text: String) async throws { try await state.send([OutgoingFrame(.text, text.utf8)]) }

    /// Sends a binary message; else as ``send(_:)``.
    package func send(_ bytes: [UInt8]) async throws { try await state.send([OutgoingFrame(.binary, bytes)]) }

    /// Sends one text message in several frames; a piece may end inside a character. Else as ``send(_:)``.
    package func send(fragments: [[UInt8]]) async throws {
        let last = fragments.count - 1
        try await state.send(
            fragments.enumerated().map { index, piece in
                OutgoingFrame(index == 0 ? .text : .continuation, piece, isFinal: index == last)
            })
    }

    /// Sends a ping of its own, outside the rhythm of ``PingPolicy``.
    ///
    /// - Parameter payload: at most 125 bytes (RFC 6455 section 5.5).
    package func sendPing(_ payload: [UInt8] = []) async throws {
        guard payload.count <= 125 else { throw WebSocketError(.tooLarge, "a ping may carry 125 bytes") }
        try await state.send([OutgoingFrame(.ping, payload)])
    }

    /// Closes: what is queued, then a close frame, then the TCP end; returns when the connection is gone.
    ///
    /// After one second the TCP end is forced, because some servers (Slack among them) never answer. Idempotent.
    /// - Parameters:
    ///   - code: 1000 to 4999; others, and those that may not be sent, become 1000.
    ///   - reason: cut at 123 bytes.
    package func close(code: Int = 1000, reason: String = "") async {
        state.requestClose(code: code, reason: reason)
        await state.waitForEnd()
    }

    /// Ends the connection at once with a TCP reset. Nothing queued is sent.
    package func abort() { state.abort() }

    // What follows lets a server misbehave on purpose.

    /// Sends a bare close frame and leaves the connection open, as Slack does. With ``stopReading()`` before it, the
    /// peer's answer stays unread and the TCP connection stays up.
    package func sendCloseFrame(code: Int = 1000, reason: String = "") async throws {
        let code = CloseFrame.sendable(code)
        try await state.send([OutgoingFrame(.close, [UInt8(code >> 8), UInt8(code & 255)] + CloseFrame.cut(reason))])
    }

    /// Reads nothing any more: pings stay unanswered and the peer's writes stall, as behind a half-open connection.
    package func stopReading() { state.hold(true) }

    /// Takes ``stopReading()`` back.
    package func resumeReading() { state.hold(false) }
}
