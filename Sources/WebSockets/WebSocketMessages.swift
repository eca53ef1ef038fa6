/// The received messages of one ``WebSocket``, which it retains. One consumer at a time.
package struct WebSocketMessages: AsyncSequence, Sendable {
    /// The iterator; all iterators of one WebSocket share its buffer.
    package struct Iterator: AsyncIteratorProtocol {
        let socket: WebSocket

        /// The next message; nil when the connection has ended or the task is cancelled.
        package mutating func next() async -> WebSocketMessage? { await socket.state.next() }

        /// As ``next()``.
        package mutating func next(isolation actor: isolated (any Actor)?) async -> WebSocketMessage? {
            await socket.state.next()
        }
    }

    let socket: WebSocket

    /// A new iterator over the shared buffer.
    package func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }
}
