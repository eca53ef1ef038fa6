import Bridge
import DequeModule
import Dispatch
import NIOConcurrencyHelpers

/// The state that the workers of one pool share: waiting and running jobs, connected workers, and whether the pool is
/// closing.
final class PostgresJobQueue: Sendable {
    private struct Waiting {
        let job: PostgresJob
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var waiting = Deque<Waiting>()
        /// The semaphores of idle workers. The worker that became idle last is woken first, because its caches are
        /// warm.
        var idle: [DispatchSemaphore] = []
        var running: [ObjectIdentifier: PostgresJob] = [:]
        // Workers that have a connection.
        var connected = 0
        // Workers that have not ended.
        var threads: Int
        var lastFailure: StoreError?
        /// Connections that were begun in an earlier generation may lead to a read-only server and are not used.
        var generation = 0
        /// An attempt to connect has failed and none has succeeded since.
        var isAway = false
        var isClosing = false
        /// A check for expired jobs is scheduled, see ``watch()``.
        var isWatched = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let configuration: PostgresConfiguration
    private let state: NIOLockedValueBox<State>
    /// True once the pool is closing; ends the pauses between attempts to connect.
    private let closing = ConditionLock(value: false)
    private let clock = DispatchQueue(label: "omni.postgres.expiry")

    init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        state = NIOLockedValueBox(State(threads: max(1, configuration.connections)))
    }

    var isClosing: Bool { state.withLockedValue { $0.isClosing } }

    /// Appends a job. If the pool is closing or the queue is full, the job is finished with that error.
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

    /// Rejects new jobs, lets accepted ones run for `closeGrace`, then cancels them. Returns when the last worker has
    /// ended.
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

    /// The part of ``close()`` that does not wait. Later calls do nothing.
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

    /// The next job; blocks on the worker's semaphore until there is one. nil if the pool is closing and no job is
    /// left.
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

    /// Removes a job that a worker has finished from the running ones.
    func done(_ job: PostgresJob) {
        state.withLockedValue { _ = $0.running.removeValue(forKey: ObjectIdentifier(job)) }
    }

    /// Puts a job that could not run at the head of the queue, with a new `waitLimit`.
    func putBack(_ job: PostgresJob) {
        let entry = waiting(job)
        state.withLockedValue { state in
            state.running.removeValue(forKey: ObjectIdentifier(job))
            state.waiting.prepend(entry)
        }
        watch()
        ring()
    }

    /// A worker has connected. True if the server was unavailable before, so that one of all workers logs it.
    func connected() -> Bool {
        state.withLockedValue { state in
            state.connected += 1
            defer { state.isAway = false }
            return state.isAway
        }
    }

    /// A worker has lost or closed its connection.
    func disconnected() { state.withLockedValue { $0.connected -= 1 } }

    /// Connections may be used if they were begun in this generation.
    var generation: Int { state.withLockedValue { $0.generation } }

    /// A connection of that generation leads to a read-only server: all connections of the generation are replaced,
    /// because they may too.
    func outdate(_ generation: Int) {
        state.withLockedValue { if $0.generation == generation { $0.generation += 1 } }
    }

    /// A worker failed to connect. True if it is the first failure since a worker was connected, so that one of all
    /// workers logs it.
    func failedToConnect(_ error: StoreError) -> Bool {
        state.withLockedValue { state in
            state.lastFailure = error
            defer { state.isAway = true }
            return !state.isAway
        }
    }

    /// Waits before the next attempt to connect; returns early when the pool is closing.
    func pause(_ duration: Duration) {
        if closing.lock(whenValue: true, timeoutSeconds: duration.seconds) { closing.unlock() }
    }

    /// A worker has ended. The last one finishes the jobs that wait with `.closed` and resumes ``close()``.
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

    /// Interval of the checks for expired jobs, and thus how late a job may expire.
    private static let interval = Duration.milliseconds(50)

    /// Schedules the checks for expired jobs; they go on while there are jobs.
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

    /// Wakes one idle worker, or all when the pool is closing. A busy worker takes the next job by itself.
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
