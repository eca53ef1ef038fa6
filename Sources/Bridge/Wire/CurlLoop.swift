import CCurl
import Dispatch
import Foundation
import NIOConcurrencyHelpers

/// The one thread that touches libcurl, and the way to it: commands in an inbox, and a wake-up. Tasks may run on it too.
///
/// Everything of libcurl lives in a `CurlEngine`, which that thread makes and keeps to itself; what others see of it
/// is this inbox.
final class CurlLoop: TaskExecutor {
    enum Command: Sendable {
        case start(HTTPExchange)
        case cancel(HTTPExchange)
        case resume(HTTPExchange)
    }

    private struct Inbox {
        var commands: [Command] = []
        /// Pieces of tasks that prefer this thread.
        var jobs: [UnownedJob] = []
        /// The thread sleeps, or is about to, and sees what is new only when it is woken.
        var isAsleep = false
        /// Wakes the thread; nil before it runs and after it has cleaned up.
        var bell: SocketWatch.Bell?
        var isStopping = false
        var isFinished = false
        var joiners: [CheckedContinuation<Void, Never>] = []

        /// False when there is something to do at once.
        mutating func fallAsleep() -> Bool {
            isAsleep = commands.isEmpty && jobs.isEmpty && !isStopping
            return isAsleep
        }

        mutating func wake() {
            guard isAsleep else { return }
            isAsleep = false
            bell?.ring()
        }
    }

    /// The loop whose thread the current task runs on, because an ``HTTPClient`` hosts it.
    @TaskLocal static var host: CurlLoop?

    /// The sleeps of the tasks that run here.
    let clock: AlarmClock
    private let inbox: NIOLockedValueBox<Inbox>

    /// Starts the thread. It keeps the loop alive until `stop`.
    init(_ configuration: HTTPClientConfiguration) {
        let inbox = NIOLockedValueBox(Inbox())
        self.inbox = inbox
        clock = AlarmClock { inbox.withLockedValue { $0.wake() } }
        let thread = Thread { [self] in run(configuration) }
        thread.name = "omni-http"
        thread.start()
    }

    /// Queues a command; false when the loop is stopping and will not look at it.
    @discardableResult
    func post(_ command: Command) -> Bool {
        inbox.withLockedValue { inbox in
            guard !inbox.isStopping else { return false }
            inbox.commands.append(command)
            inbox.wake()
            return true
        }
    }

    /// Runs a piece of a task on the thread; elsewhere once that has ended.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isTaken = inbox.withLockedValue { inbox in
            guard !inbox.isFinished else { return false }
            inbox.jobs.append(job)
            inbox.wake()
            return true
        }
        if !isTaken { DispatchQueue.global().async { job.runSynchronously(on: self.asUnownedTaskExecutor()) } }
    }

    /// Asks the thread to fail what runs and to end; returns at once.
    func stop() {
        inbox.withLockedValue { inbox in
            inbox.isStopping = true
            inbox.wake()
        }
    }

    /// Waits until the thread has let go of everything. Call after `stop`.
    func join() async {
        await withCheckedContinuation { continuation in
            let isFinished = inbox.withLockedValue { inbox in
                if !inbox.isFinished { inbox.joiners.append(continuation) }
                return inbox.isFinished
            }
            if isFinished { continuation.resume() }
        }
    }

    /// Until nothing is left, as a piece of a task mostly queues the next one; but the sockets wait no longer than for so
    /// many rounds. False when the loop is to stop.
    private func runWhatIsQueued(on engine: CurlEngine) -> Bool {
        for _ in 0..<8 {
            let (commands, jobs, isStopping) = inbox.withLockedValue { inbox in
                defer {
                    inbox.commands = []
                    inbox.jobs = []
                }
                return (inbox.commands, inbox.jobs, inbox.isStopping)
            }
            for command in commands { engine.perform(command) }
            for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
            if isStopping { return false }
            if commands.isEmpty && jobs.isEmpty { break }
        }
        return true
    }

    private func run(_ configuration: HTTPClientConfiguration) {
        let engine = CurlEngine(configuration)
        inbox.withLockedValue { $0.bell = engine.bell }
        while runWhatIsQueued(on: engine) {
            engine.turn(until: inbox.withLockedValue { $0.fallAsleep() } ? clock.next : .now) {
                // What libcurl's callbacks queue from here on is found without a ring.
                inbox.withLockedValue { $0.isAsleep = false }
            }
            if let alarm = clock.next, alarm <= .now { clock.wake() }
        }
        clock.leaveThread()
        engine.failAll { HTTPError.closed($0.exchange.origin, sent: $0.isRequestSent) }
        inbox.withLockedValue { $0.bell = nil }  // from here on nobody can wake what is about to be freed
        engine.close()
        let (joiners, jobs) = inbox.withLockedValue { inbox in
            inbox.isFinished = true
            defer {
                inbox.joiners = []
                inbox.jobs = []
            }
            return (inbox.joiners, inbox.jobs)
        }
        for joiner in joiners { joiner.resume() }
        for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
