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

    func hand(_ socket: AcceptedWebSocket) { sockets.yield(socket) }

    func finish() { sockets.finish() }
}
