import NIOConcurrencyHelpers

/// Notices that a stream still sends bytes and says nothing: pings alone keep a dead answer's connection alive.
final class StreamIdleTimer: Sendable {
    private struct State {
        var last = ContinuousClock.now
        var limit: Duration
        var isPaused = false
    }

    private let state: NIOLockedValueBox<State>

    init(limit: Duration) { state = NIOLockedValueBox(State(limit: limit)) }

    /// Something was said.
    func reset() { state.withLockedValue { $0.last = .now } }

    /// The time until `resume` is the listener's own, and does not count.
    func pause() { state.withLockedValue { $0.isPaused = true } }

    func resume() {
        state.withLockedValue { state in
            state.isPaused = false
            state.last = .now
        }
    }

    /// From now on, silence may last only this long.
    func tighten(_ limit: Duration) {
        state.withLockedValue { state in
            state.limit = limit
            state.last = .now
        }
    }

    /// Returns once nothing was said for the limit. Throws `CancellationError` when cancelled before.
    func waitUntilIdle() async throws {
        while true {
            let (left, limit) = state.withLockedValue { state in
                (state.isPaused ? state.limit : state.limit - (.now - state.last), state.limit)
            }
            if left <= .zero { return }
            // In short steps, so that a limit that is tightened meanwhile is noticed.
            try await Task.sleep(for: min(left, max(limit / 10, .milliseconds(10)), .seconds(2.5)))
        }
    }
}
