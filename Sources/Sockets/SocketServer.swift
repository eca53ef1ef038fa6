/// A port on which clients open WebSockets.
package final class SocketServer: Sendable {
    /// The port that is listened on.
    package let port: Int

    /// The sockets that clients opened, for one consumer. At most 1,024 wait here; further ones are aborted. Ends with
    /// ``close()`` or the loop's shutdown.
    package let connections: AsyncStream<AcceptedSocket>

    private let id: UInt64
    private let service: ServiceThread

    init(port: Int, connections: AsyncStream<AcceptedSocket>, id: UInt64, service: ServiceThread) {
        self.port = port
        self.connections = connections
        self.id = id
        self.service = service
    }

    /// Stops listening, closes every socket of this server with 1001 and frees the port. Idempotent.
    package func close() async {
        let sockets = await service.retire(listener: id)
        for socket in sockets { await socket.waitForEnd() }
        await service.remove(listener: id)
    }
}

/// A listening port as the service thread sees it. Touched by that thread only.
final class Listener {
    let id: UInt64
    let options: ListenOptions
    /// The virtual host that accepted connections join: it has the certificate.
    let vhost: OpaquePointer
    let descriptor: Int32
    /// The connection of libwebsockets that watches the listening socket; nil when it is gone, and the port with it.
    var acceptor: OpaquePointer?
    var removals: [CheckedContinuation<Void, Never>] = []
    private let sockets: AsyncStream<AcceptedSocket>.Continuation

    init(
        id: UInt64, options: ListenOptions, vhost: OpaquePointer, descriptor: Int32,
        sockets: AsyncStream<AcceptedSocket>.Continuation
    ) {
        self.id = id
        self.options = options
        self.vhost = vhost
        self.descriptor = descriptor
        self.sockets = sockets
    }

    func hand(_ socket: AcceptedSocket) { sockets.yield(socket) }

    func finish() { sockets.finish() }
}
