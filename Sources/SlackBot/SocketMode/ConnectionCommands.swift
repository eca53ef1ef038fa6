/// Commands to the ``SocketModeService``, as a stream with one reader. At most 8 wait; then the oldest is dropped.
struct ConnectionCommands: Sendable {
    /// What the service is to do.
    enum Command: Sendable, Hashable {
        /// Sets the number of connections of this process.
        case want(Int)
        /// Replaces one live connection, so that Slack sends a new `hello` with its count.
        case renew
    }

    let stream: AsyncStream<Command>
    private let feed: AsyncStream<Command>.Continuation

    init() { (stream, feed) = AsyncStream.makeStream(of: Command.self, bufferingPolicy: .bufferingNewest(8)) }

    func send(_ command: Command) { feed.yield(command) }
}
