import NIOConcurrencyHelpers

/// Idle time-out for the events of a stream. HTTP's idle time-out is not enough, since pings reset it while the model
/// may produce nothing.
final class StreamIdleTimer: Sendable {
    private struct State {
        var last = ContinuousClock.now
        var limit: Duration
        var isPaused = false
    }

    private let state: NIOLockedValueBox<State>

    init(limit: Duration) { state = NIOLockedValueBox(State(limit: limit)) }

    /// Restarts the time, because an event has arrived.
    func reset() { state.withLockedValue { $0.last = .now } }

    /// Stops the time until `resume`, while the receiver handles an event.
    func pause() { state.withLockedValue { $0.isPaused = true } }

    /// Restarts the time after `pause`.
    func resume() {
        state.withLockedValue { state in
            state.isPaused = false
            state.last = .now
        }
    }

    /// Restarts the time with another limit.
    func tighten(_ limit: Duration) {
        state.withLockedValue { state in
            state.limit = limit
            state.last = .now
        }
    }

    /// Returns when the limit has passed without a reset. Throws `CancellationError` when cancelled before.
    func waitUntilIdle() async throws {
        while true {
            let (left, limit) = state.withLockedValue { state in
                (state.isPaused ? state.limit : state.limit - (.now - state.last), state.limit)
            }
            if left <= .zero { return }
            // In short steps, so that a limit set by `tighten` takes effect.
            try await Task.sleep(for: min(left, max(limit / 10, .milliseconds(10)), .seconds(2.5)))
        }
    }
}
