import ServiceLifecycle

/// Makes the calls of all status lines, so that no answer waits for one. Stops after the questions: each line has ended
/// by then.
final class StatusLines: Service, Sendable {
    private typealias Begun = (thread: MessageAddress, status: ThreadStatus)

    private let agentMessaging: AgentMessaging
    private let begun: AsyncStream<Begun>
    private let feed: AsyncStream<Begun>.Continuation

    init(agentMessaging: AgentMessaging) {
        self.agentMessaging = agentMessaging
        // A process works on 256 questions at most. A line that is dropped is not shown.
        (begun, feed) = AsyncStream.makeStream(of: Begun.self, bufferingPolicy: .bufferingNewest(256))
    }

    /// A line for one reply, not shown yet.
    func line() -> ThreadStatus { ThreadStatus { [feed] in feed.yield(($0, $1)) } }

    /// Removes the line that a process which ended may have left in that thread. Never waits.
    func remove(in thread: MessageAddress) { ThreadStatus(.left) { [feed] in feed.yield(($0, $1)) }.begin(in: thread) }

    func run() async throws {
        await withDiscardingTaskGroup { group in
            for await (thread, status) in begun.cancelOnGracefulShutdown() {
                group.addTask { await status.keep { await self.agentMessaging.setStatus($0, of: thread) } }
            }
        }
    }
}
