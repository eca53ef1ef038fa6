/// What Socket Mode is told to do.
struct ConnectionCommands: Sendable {
    enum Command: Sendable, Hashable {
        /// So many connections.
        case want(Int)
        /// One of them anew.
        case renew
    }

    let stream: AsyncStream<Command>
    private let feed: AsyncStream<Command>.Continuation

    init() { (stream, feed) = AsyncStream.makeStream(of: Command.self, bufferingPolicy: .bufferingNewest(8)) }

    func send(_ command: Command) { feed.yield(command) }
}
