import Bridge
import DequeModule
import Dispatch
import NIOConcurrencyHelpers

/// What the threads of one pool share: the jobs that wait, who is connected, and whether it is time to go.
final class PostgresJobQueue: Sendable {
    private struct Waiting {
        let job: PostgresJob
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var waiting = Deque<Waiting>()
        /// The bells of the workers that have nothing to do; the last to fall idle is the first to be woken, since its
        /// caches are warm and the others may sleep on.
        var idle: [DispatchSemaphore] = []
        var running: [ObjectIdentifier: PostgresJob] = [:]
        var connected = 0
        var threads: Int
        var lastFailure: StoreError?
        /// Connections of an earlier one lead to a server that only reads, or may do so.
        var generation = 0
        /// An attempt to connect failed, and none succeeded since.
        var isAway = false
        var isClosing = false
        /// Somebody looks for what took too long, see ``watch()``.
        var isWatched = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let configuration: PostgresConfiguration
    private let state: NIOLockedValueBox<State>
    /// Ends the pauses between attempts to connect.
    private let closing = ConditionLock(value: false)
    private let clock = DispatchQueue(label: "omni.postgres.expiry")

    init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        state = NIOLockedValueBox(State(threads: max(1, configuration.connections)))
    }

    var isClosing: Bool { state.withLockedValue { $0.isClosing } }

    /// Puts a job behind the others; one that cannot be taken is finished with its error.
    func add(_ job: PostgresJob) {
        let entry = waiting(job)
        let refusal = state.withLockedValue { state -> StoreError? in
            if state.isClosing { return Self.closed }
            if state.waiting.count >= configuration.maximumWaiting {
                return StoreError(.busy, "\(state.waiting.count) jobs wait for PostgreSQL already; try again later")
            }
            state.waiting.append(entry)
            return nil
        }
        if let refusal { return job.finish(refusal) }
        watch()
        ring()
    }

    /// No new jobs; those accepted go on for a while; returns when the last thread is at its end.
    func close() async {
        beginClosing()
        await withCheckedContinuation { continuation in
            let isOver = state.withLockedValue { state in
                if state.threads > 0 { state.closers.append(continuation) }
                return state.threads == 0
            }
            if isOver { continuation.resume() }
        }
    }

    /// The part of ``close()`` that does not wait.
    func beginClosing() {
        let first = state.withLockedValue { state in
            defer { state.isClosing = true }
            return !state.isClosing
        }
        guard first else { return }
        closing.lock()
        closing.unlock(withValue: true)
        ring()
        clock.asyncAfter(deadline: .now() + configuration.closeGrace.seconds) { [weak self] in self?.endGrace() }
    }

    private enum Next {
        case job(PostgresJob)
        case wait
        case end
    }

    /// The next job; waits for one at the worker's own bell. Nil when the pool closes and nothing is left to do.
    func take(_ semaphore: DispatchSemaphore) -> PostgresJob? {
        while true {
            let next = state.withLockedValue { state -> Next in
                if let job = state.waiting.popFirst()?.job {
                    state.running[ObjectIdentifier(job)] = job
                    return .job(job)
                }
                if state.isClosing { return .end }
                state.idle.append(semaphore)
                return .wait
            }
            switch next {
            case .job(let job):
                if !job.isOver { return job }
                done(job)
            case .wait: semaphore.wait()
            case .end: return nil
            }
        }
    }

    /// The worker has finished with the job.
    func done(_ job: PostgresJob) {
        state.withLockedValue { _ = $0.running.removeValue(forKey: ObjectIdentifier(job)) }
    }

    /// Puts a job that could not run first again, with a new time to wait.
    func putBack(_ job: PostgresJob) {
        let entry = waiting(job)
        state.withLockedValue { state in
            state.running.removeValue(forKey: ObjectIdentifier(job))
            state.waiting.prepend(entry)
        }
        watch()
        ring()
    }

    /// True when the server was away until now: of all workers, one says so.
    func connected() -> Bool {
        state.withLockedValue { state in
            state.connected += 1
            defer { state.isAway = false }
            return state.isAway
        }
    }

    func disconnected() { state.withLockedValue { $0.connected -= 1 } }

    /// Which connections may be used: those that were begun since the last ``outdate(_:)``.
    var generation: Int { state.withLockedValue { $0.generation } }

    /// A connection of that generation leads to a server that only reads: so may all that were made with it.
    func outdate(_ generation: Int) {
        state.withLockedValue { if $0.generation == generation { $0.generation += 1 } }
    }

    /// True when it is the first failure since somebody was connected: of all workers, one says so.
    func failedToConnect(_ error: StoreError) -> Bool {
        state.withLockedValue { state in
            state.lastFailure = error
            defer { state.isAway = true }
            return !state.isAway
        }
    }

    /// Waits before the next attempt to connect, not longer than the pool is open.
    func pause(_ duration: Duration) {
        if closing.lock(whenValue: true, timeoutSeconds: duration.seconds) { closing.unlock() }
    }

    /// A thread is at its end; the last one tells who waits for anything.
    func threadEnded() {
        let (jobs, closers) = state.withLockedValue { state -> ([PostgresJob], [CheckedContinuation<Void, Never>]) in
            state.threads -= 1
            guard state.threads == 0 else { return ([], []) }
            defer {
                state.waiting = []
                state.closers = []
            }
            return (state.waiting.map(\.job), state.closers)
        }
        for job in jobs { job.finish(Self.closed) }
        for closer in closers { closer.resume() }
    }

    private func waiting(_ job: PostgresJob) -> Waiting {
        let waitDeadline = ContinuousClock.now + configuration.waitLimit
        return Waiting(job: job, deadline: job.deadline.map { min($0, waitDeadline) } ?? waitDeadline)
    }

    /// How often jobs are looked at while there are any, and how late their time may end.
    private static let interval = Duration.milliseconds(50)

    /// Looks for jobs that took too long, for as long as there are any.
    private func watch() {
        let isFirst = state.withLockedValue { state in
            defer { state.isWatched = true }
            return !state.isWatched
        }
        if isFirst { expireLater() }
    }

    private func expireLater() {
        clock.asyncAfter(deadline: .now() + Self.interval.seconds) { [weak self] in self?.expire() }
    }

    private func expire() {
        let now = ContinuousClock.now
        let (waiting, running, away) = state.withLockedValue { state in
            let waiting = state.waiting.filter { $0.deadline <= now }.map(\.job)
            state.waiting.removeAll { $0.deadline <= now }
            let running = state.running.values.filter { $0.deadline.map { $0 <= now } ?? false }
            let away = state.connected == 0 ? state.lastFailure ?? Self.unreached(configuration) : nil
            state.isWatched = !state.waiting.isEmpty || !state.running.isEmpty
            if state.isWatched { expireLater() }
            return (waiting, running, away)
        }
        for job in waiting {
            let limit = job.limit ?? configuration.waitLimit
            let busy = StoreError(
                .busy, "no connection to PostgreSQL became free within \(limit); try again later")
            job.finish(away ?? busy)
        }
        for job in running {
            let limit = job.limit ?? configuration.waitLimit
            let silent = StoreError(.timeout, "PostgreSQL did not answer within \(limit)")
            job.giveUp(silent, grace: configuration.cancelGrace)
        }
    }

    private static func unreached(_ configuration: PostgresConfiguration) -> StoreError {
        StoreError(
            .unavailable,
            "PostgreSQL at \(configuration.target.place) was not reached within \(configuration.waitLimit)")
    }

    private func endGrace() {
        let (waiting, running) = state.withLockedValue { state in
            defer { state.waiting = [] }
            return (state.waiting.map(\.job), Array(state.running.values))
        }
        for job in waiting { job.finish(Self.closed) }
        for job in running { job.cancel(grace: configuration.cancelGrace) }
    }

    /// Wakes one worker for what waits, or all when the pool closes. A worker that is busy looks by itself.
    private func ring() {
        let semaphores = state.withLockedValue { state -> [DispatchSemaphore] in
            guard state.isClosing else { return state.idle.popLast().map { [$0] } ?? [] }
            defer { state.idle = [] }
            return state.idle
        }
        for semaphore in semaphores { semaphore.signal() }
    }

    private static let closed = StoreError(.closed, "the database was closed")
}
