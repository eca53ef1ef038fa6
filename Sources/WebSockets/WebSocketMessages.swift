/// The messages of one ``WebSocket``; keeps the socket alive. One consumer at a time.
package struct WebSocketMessages: AsyncSequence, Sendable {
    package struct Iterator: AsyncIteratorProtocol {
        let socket: WebSocket

        /// The next message; nil when the connection is gone or the task is cancelled.
        package mutating func next() async -> WebSocketMessage? { await socket.state.next() }

        package mutating func next(isolation actor: isolated (any Actor)?) async -> WebSocketMessage? {
            await socket.state.next()
        }
    }

    let socket: WebSocket

    package func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }
}
