/// An open WebSocket, client or server side.
///
/// References own the connection: when the last one is released, an open connection is aborted.
package final class WebSocket: Sendable {
    /// Unique among the connections of one event loop.
    package let id: UInt64

    let state: ConnectionState

    init(_ state: ConnectionState) {
        id = state.id
        self.state = state
    }

    deinit { state.abort() }

    /// The peer's messages, for one consumer. Ends without an error when the connection has ended; ``closeStatus`` then
    /// has the cause.
    ///
    /// At most 64 messages or 256 KiB are buffered, plus the last message. After that reading stops, and TCP stops the
    /// peer.
    package var messages: WebSocketMessages { WebSocketMessages(socket: self) }

    /// How the connection ended; nil while it exists.
    package var closeStatus: WebSocketClose? { state.closeStatus }

    /// When the last pong arrived; before the first one, when the connection was opened.
    package var lastControlFrame: ContinuousClock.Instant { state.lastControlFrame }

    /// Sends a text message. Messages are sent in the order of the calls.
    ///
    /// Returns when the kernel has taken all of it, which does not mean that the peer has received it.
    /// - Throws: ``WebSocketError`` `closed`, `cancelled` (not sent, unless its first frame was already being written),
    ///   `tooLarge`.
    package func send(_ text: String) async throws { try await state.send([OutgoingFrame(.text, text.utf8)]) }

    /// Sends a binary message; otherwise as ``send(_:)``.
    package func send(_ bytes: [UInt8]) async throws { try await state.send([OutgoingFrame(.binary, bytes)]) }

    /// Sends one text message in several frames; a fragment may end inside a character. Otherwise as ``send(_:)``.
    package func send(fragments: [[UInt8]]) async throws {
        let last = fragments.count - 1
        try await state.send(
            fragments.enumerated().map { index, piece in
                OutgoingFrame(index == 0 ? .text : .continuation, piece, isFinal: index == last)
            })
    }

    /// Sends a ping in addition to those of ``PingPolicy``.
    ///
    /// - Parameter payload: at most 125 bytes (RFC 6455 section 5.5).
    /// - Throws: as ``send(_:)``.
    package func sendPing(_ payload: [UInt8] = []) async throws {
        guard payload.count <= 125 else { throw WebSocketError(.tooLarge, "a ping may carry 125 bytes") }
        try await state.send([OutgoingFrame(.ping, payload)])
    }

    /// Writes what is queued, then a close frame, then ends the TCP connection; returns when the connection has ended.
    ///
    /// One second after the call the TCP connection is dropped, because some servers (Slack among them) do not answer
    /// the close frame. Idempotent; does not react to cancellation.
    /// - Parameters:
    ///   - code: 1000 to 4999; others, and those that must not be sent (1004, 1005, 1006, 1015), become 1000.
    ///   - reason: cut to 123 bytes.
    package func close(code: Int = 1000, reason: String = "") async {
        state.requestClose(code: code, reason: reason)
        await state.waitForEnd()
    }

    /// Ends the connection at once with a TCP reset. Queued frames are dropped.
    package func abort() { state.abort() }

    // For the emulator and tests: a server that breaks the protocol on purpose.

    /// Sends a close frame and leaves the connection open, as Slack does. After ``stopReading()`` the peer's close
    /// frame stays unread and the TCP connection open.
    ///
    /// - Throws: as ``send(_:)``.
    package func sendCloseFrame(code: Int = 1000, reason: String = "") async throws {
        let code = CloseFrame.sendable(code)
        try await state.send([OutgoingFrame(.close, [UInt8(code >> 8), UInt8(code & 255)] + CloseFrame.cut(reason))])
    }

    /// Stops reading: pings are not answered and the peer's writes stall, as on a half-open connection.
    package func stopReading() { state.hold() }
}
