/// The service thread's state of one listening port. Used by that thread only.
final class Listener {
    let id: UInt64
    let options: ListenOptions
    /// The virtual host that accepted connections join; it holds the certificate.
    let vhost: OpaquePointer
    let descriptor: Int32
    /// The `wsi` that watches the listening socket; nil once it is destroyed and the port is free.
    var acceptor: OpaquePointer?
    /// Tasks that wait until the port is free.
    var removals: [CheckedContinuation<Void, Never>] = []
    private let sockets: AsyncStream<AcceptedWebSocket>.Continuation

    init(
        id: UInt64, options: ListenOptions, vhost: OpaquePointer, descriptor: Int32,
        sockets: AsyncStream<AcceptedWebSocket>.Continuation
    ) {
        self.id = id
        self.options = options
        self.vhost = vhost
        self.descriptor = descriptor
        self.sockets = sockets
    }

    /// Adds an open WebSocket to ``WebSocketServer/connections``. If that buffer is full the WebSocket is released,
    /// which aborts it.
    func hand(_ socket: AcceptedWebSocket) { sockets.yield(socket) }

    /// Ends ``WebSocketServer/connections``.
    func finish() { sockets.finish() }
}
