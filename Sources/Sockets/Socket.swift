/// An open WebSocket, of either side.
///
/// Whoever holds it owns the connection: when the last reference goes, an open connection is aborted.
package final class Socket: Sendable {
    /// Unique among the connections of one loop.
    package let id: UInt64

    let core: SocketCore

    init(_ core: SocketCore) {
        id = core.id
        self.core = core
    }

    deinit { core.abort() }

    /// What the peer sends, for one consumer. Ends normally when the connection is gone; ``closure`` then tells why.
    ///
    /// A slow consumer holds the peer back by TCP: at most 64 messages or 256 KiB wait here, plus the last message.
    package var messages: SocketMessages { SocketMessages(socket: self) }

    /// How the connection ended; nil while it lives.
    package var closure: SocketClosure? { core.closure }

    /// When the last pong arrived; before the first, when the connection was made.
    package var lastControlFrame: ContinuousClock.Instant { core.lastControlFrame }

    /// Sends a text message; messages go out in the order of the calls.
    ///
    /// Returns when the kernel has all of it, which says nothing about the peer.
    /// - Throws: ``SocketError`` `closed`, `cancelled` (not sent, unless its first byte was already written), `tooLarge`.
    package func send(_ text: String) async throws { try await core.send([OutgoingFrame(.text, text.utf8)]) }

    /// Sends a binary message; else as ``send(_:)``.
    package func send(_ bytes: [UInt8]) async throws { try await core.send([OutgoingFrame(.binary, bytes)]) }

    /// Sends one text message in several frames; a piece may end inside a character. Else as ``send(_:)``.
    package func send(fragments: [[UInt8]]) async throws {
        let last = fragments.count - 1
        try await core.send(
            fragments.enumerated().map { index, piece in
                OutgoingFrame(index == 0 ? .text : .continuation, piece, isFinal: index == last)
            })
    }

    /// Sends a ping of its own, outside the rhythm of ``Liveness``.
    ///
    /// - Parameter payload: at most 125 bytes (RFC 6455 section 5.5).
    package func sendPing(_ payload: [UInt8] = []) async throws {
        guard payload.count <= 125 else { throw SocketError(.tooLarge, "a ping may carry 125 bytes") }
        try await core.send([OutgoingFrame(.ping, payload)])
    }

    /// Closes: what is queued, then a close frame, then the TCP end; returns when the connection is gone.
    ///
    /// After one second the TCP end is forced, because some servers (Slack among them) never answer. Idempotent.
    /// - Parameters:
    ///   - code: 1000 to 4999; others, and those that may not be sent, become 1000.
    ///   - reason: cut at 123 bytes.
    package func close(code: Int = 1000, reason: String = "") async {
        core.requestClose(code: code, reason: reason)
        await core.waitForEnd()
    }

    /// Ends the connection at once with a TCP reset. Nothing queued is sent.
    package func abort() { core.abort() }

    // What follows lets a server misbehave on purpose.

    /// Sends a bare close frame and leaves the connection open, as Slack does. With ``stopReading()`` before it, the
    /// peer's answer stays unread and the TCP connection stays up.
    package func sendCloseFrame(code: Int = 1000, reason: String = "") async throws {
        let code = CloseFrame.sendable(code)
        try await core.send([OutgoingFrame(.close, [UInt8(code >> 8), UInt8(code & 255)] + CloseFrame.cut(reason))])
    }

    /// Reads nothing any more: pings stay unanswered and the peer's writes stall, as behind a half-open connection.
    package func stopReading() { core.hold(true) }

    /// Takes ``stopReading()`` back.
    package func resumeReading() { core.hold(false) }
}

/// The rules of RFC 6455 sections 5.5.1 and 7.4 for close frames.
enum CloseFrame {
    static func sendable(_ code: Int) -> Int {
        (1000...4999).contains(code) && ![1004, 1005, 1006, 1015].contains(code) ? code : 1000
    }

    /// At most 123 bytes, whole characters.
    static func cut(_ reason: String) -> [UInt8] {
        var kept = Substring(reason)
        while kept.utf8.count > 123 { kept.removeLast() }
        return Array(kept.utf8)
    }

    /// Code and reason of a received close frame.
    static func parse(_ payload: UnsafeRawBufferPointer) -> (code: Int, reason: String) {
        guard payload.count >= 2 else { return (1005, "") }
        return (Int(payload[0]) << 8 | Int(payload[1]), String(decoding: payload.dropFirst(2), as: UTF8.self))
    }
}

/// The messages of one ``Socket``; keeps the socket alive. One consumer at a time.
package struct SocketMessages: AsyncSequence, Sendable {
    package struct Iterator: AsyncIteratorProtocol {
        let socket: Socket

        /// The next message; nil when the connection is gone or the task is cancelled.
        package mutating func next() async -> SocketMessage? { await socket.core.next() }

        package mutating func next(isolation actor: isolated (any Actor)?) async -> SocketMessage? {
            await socket.core.next()
        }
    }

    let socket: Socket

    package func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }
}
