/// A port on which clients open WebSockets.
package final class WebSocketServer: Sendable {
    /// The port, also when ``ListenOptions/port`` was 0.
    package let port: Int

    /// The WebSockets that clients opened, for one consumer. At most 1,024 are buffered; further ones are aborted. Ends
    /// after ``close()`` or ``WebSocketEventLoop/shutdown()``.
    package let connections: AsyncStream<AcceptedWebSocket>

    private let id: UInt64
    private let service: ServiceThread

    init(port: Int, connections: AsyncStream<AcceptedWebSocket>, id: UInt64, service: ServiceThread) {
        self.port = port
        self.connections = connections
        self.id = id
        self.service = service
    }

    /// Stops listening, closes all connections of this server with 1001 and frees the port. Idempotent.
    package func close() async {
        let sockets = await service.retire(listener: id)
        for socket in sockets { await socket.waitForEnd() }
        await service.remove(listener: id)
    }
}
