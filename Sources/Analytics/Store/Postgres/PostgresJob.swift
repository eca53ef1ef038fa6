import NIOConcurrencyHelpers

/// A closure to run on a connection, and the task that waits for it. Finished exactly once, from any thread.
final class PostgresJob: Sendable {
    /// `new`: no task waits yet. `waiting`: in the queue. `running`: on a connection. `over`: the task was resumed.
    private enum Phase {
        case new
        case waiting(CheckedContinuation<Void, any Error>)
        case running(CheckedContinuation<Void, any Error>, PostgresInterrupt)
        case over
    }

    private struct State {
        var phase = Phase.new
        var isCancelled = false
        // Connections that were lost under the job.
        var losses = 0
    }

    let access: PostgresAccess
    /// How long the task waits, and the resulting deadline; nil: no limit.
    let limit: Duration?
    let deadline: ContinuousClock.Instant?
    let body: @Sendable (PostgresConnection) throws -> Void
    private let state = NIOLockedValueBox(State())

    init(
        _ access: PostgresAccess, limit: Duration? = nil,
        _ body: @escaping @Sendable (PostgresConnection) throws -> Void
    ) {
        self.access = access
        self.limit = limit
        deadline = limit.map { .now + $0 }
        self.body = body
    }

    /// True once the task was resumed.
    var isOver: Bool {
        state.withLockedValue { state in
            if case .over = state.phase { true } else { false }
        }
    }

    /// Stores the continuation of the waiting task. False if the task was cancelled before: then it is resumed with
    /// `.cancelled`.
    func wait(_ continuation: CheckedContinuation<Void, any Error>) -> Bool {
        let waits = state.withLockedValue { state in
            state.phase = state.isCancelled ? .over : .waiting(continuation)
            return !state.isCancelled
        }
        if !waits { continuation.resume(throwing: Self.cancelled) }
        return waits
    }

    /// A worker starts the job. False if it is over.
    func start(_ interrupt: PostgresInterrupt) -> Bool {
        state.withLockedValue { state in
            guard case .waiting(let continuation) = state.phase else { return false }
            state.phase = .running(continuation, interrupt)
            return true
        }
    }

    /// The connection was lost. True if the job waits for another one, which is allowed once; false after a
    /// cancellation.
    func waitAgain() -> Bool {
        state.withLockedValue { state in
            guard case .running(let continuation, _) = state.phase, !state.isCancelled, state.losses == 0 else {
                return false
            }
            state.losses += 1
            state.phase = .waiting(continuation)
            return true
        }
    }

    /// Resumes the waiting task; nil is success. Later calls do nothing.
    func finish(_ error: (any Error)?) {
        let continuation = state.withLockedValue { state -> CheckedContinuation<Void, any Error>? in
            defer { state.phase = .over }
            switch state.phase {
            case .waiting(let continuation), .running(let continuation, _): return continuation
            case .new, .over: return nil
            }
        }
        if let error { continuation?.resume(throwing: error) } else { continuation?.resume() }
    }

    /// Cancels the job: one that waits is finished with `.cancelled`, one that runs is interrupted.
    ///
    /// - Parameter grace: see ``PostgresInterrupt/cancel(grace:)``.
    func cancel(grace: Duration) {
        let found = state.withLockedValue { state -> (CheckedContinuation<Void, any Error>?, PostgresInterrupt?) in
            state.isCancelled = true
            switch state.phase {
            case .waiting(let continuation):
                state.phase = .over
                return (continuation, nil)
            case .running(_, let interrupt): return (nil, interrupt)
            case .new, .over: return (nil, nil)
            }
        }
        found.0?.resume(throwing: Self.cancelled)
        found.1?.cancel(grace: grace)
    }

    /// The job's time limit is over: resumes its task with the error at once, even if the server does not respond, and
    /// interrupts the statement.
    func giveUp(_ error: StoreError, grace: Duration) {
        let found = state.withLockedValue { state -> (CheckedContinuation<Void, any Error>?, PostgresInterrupt?) in
            state.isCancelled = true
            defer { state.phase = .over }
            switch state.phase {
            case .waiting(let continuation): return (continuation, nil)
            case .running(let continuation, let interrupt): return (continuation, interrupt)
            case .new, .over: return (nil, nil)
            }
        }
        found.1?.cancel(grace: grace)
        found.0?.resume(throwing: error)
    }

    private static let cancelled = StoreError(.cancelled, "the work was cancelled before it began")
}
