import NIOConcurrencyHelpers

/// A closure on its way to a connection, and the task that waits for it. Ended exactly once, from whichever thread.
final class PostgresJob: Sendable {
    private enum Phase {
        case new
        case waiting(CheckedContinuation<Void, any Error>)
        case running(CheckedContinuation<Void, any Error>, PostgresInterrupt)
        case over
    }

    private struct State {
        var phase = Phase.new
        var isCancelled = false
        var losses = 0
    }

    let access: PostgresAccess
    /// How long its task waits for it, and until when; nil: as long as it takes.
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

    var isOver: Bool {
        state.withLockedValue { state in
            if case .over = state.phase { true } else { false }
        }
    }

    /// Takes the waiting task. False when it was cancelled before; then it has been told.
    func wait(_ continuation: CheckedContinuation<Void, any Error>) -> Bool {
        let waits = state.withLockedValue { state in
            state.phase = state.isCancelled ? .over : .waiting(continuation)
            return !state.isCancelled
        }
        if !waits { continuation.resume(throwing: Self.cancelled) }
        return waits
    }

    /// A connection takes it up. False when it has ended meanwhile.
    func start(_ interrupt: PostgresInterrupt) -> Bool {
        state.withLockedValue { state in
            guard case .waiting(let continuation) = state.phase else { return false }
            state.phase = .running(continuation, interrupt)
            return true
        }
    }

    /// Its connection was lost: true when it waits for another one, which it may do once.
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

    /// Tells the waiting task; nil is success. Later calls do nothing.
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

    /// Drops it where it waits, stops it where it runs.
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

    /// Its time is over: its task is told so now, however long the server goes on saying nothing.
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
