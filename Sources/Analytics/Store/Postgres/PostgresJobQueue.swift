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
        var isClosing = false
        var expiryIsSet = false
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
        let refusal = state.withLockedValue { state -> StoreError? in
            if state.isClosing { return Self.closed }
            if state.waiting.count >= configuration.maximumWaiting {
                return StoreError(.busy, "\(state.waiting.count) jobs wait for PostgreSQL already; try again later")
            }
            state.waiting.append(Waiting(job: job, deadline: .now + configuration.waitLimit))
            return nil
        }
        if let refusal { return job.finish(refusal) }
        setExpiry()
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
    func take(_ bell: DispatchSemaphore) -> PostgresJob? {
        while true {
            let next = state.withLockedValue { state -> Next in
                if let job = state.waiting.popFirst()?.job {
                    state.running[ObjectIdentifier(job)] = job
                    return .job(job)
                }
                if state.isClosing { return .end }
                state.idle.append(bell)
                return .wait
            }
            switch next {
            case .job(let job):
                if !job.isOver { return job }
                done(job)
            case .wait: bell.wait()
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
        state.withLockedValue { state in
            state.running.removeValue(forKey: ObjectIdentifier(job))
            state.waiting.prepend(Waiting(job: job, deadline: .now + configuration.waitLimit))
        }
        setExpiry()
        ring()
    }

    func connected() { state.withLockedValue { $0.connected += 1 } }

    func disconnected() { state.withLockedValue { $0.connected -= 1 } }

    func failedToConnect(_ error: StoreError) { state.withLockedValue { $0.lastFailure = error } }

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

    /// At most one alarm is set, and only while something waits.
    private func setExpiry() {
        let deadline = state.withLockedValue { state -> ContinuousClock.Instant? in
            guard !state.expiryIsSet, let next = state.waiting.map(\.deadline).min() else { return nil }
            state.expiryIsSet = true
            return next
        }
        guard let deadline else { return }
        // Jobs that came one by one expire in handfuls, not each with its own alarm.
        let delay = max(0.02, (deadline - .now).seconds)
        clock.asyncAfter(deadline: .now() + delay) { [weak self] in self?.expire() }
    }

    private func expire() {
        let now = ContinuousClock.now
        let (jobs, error) = state.withLockedValue { state in
            state.expiryIsSet = false
            let expired = state.waiting.filter { $0.deadline <= now }.map(\.job)
            state.waiting.removeAll { $0.deadline <= now }
            return (expired, waitError(state))
        }
        for job in jobs { job.finish(error) }
        setExpiry()
    }

    private func waitError(_ state: State) -> StoreError {
        let limit = configuration.waitLimit
        guard state.connected == 0 else {
            return StoreError(.busy, "no connection to PostgreSQL became free within \(limit); try again later")
        }
        guard let reason = state.lastFailure else {
            let place = configuration.target.place
            return StoreError(.unavailable, "PostgreSQL at \(place) was not reached within \(limit)")
        }
        return reason
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
        let bells = state.withLockedValue { state -> [DispatchSemaphore] in
            guard state.isClosing else { return state.idle.popLast().map { [$0] } ?? [] }
            defer { state.idle = [] }
            return state.idle
        }
        for bell in bells { bell.signal() }
    }

    private static let closed = StoreError(.closed, "the database was closed")
}
