import Bridge
import NIOConcurrencyHelpers

/// The settings in force, behind one reference: what a reload swaps, and what a question takes its snapshot from.
final class LiveSettings: Sendable {
    private struct State: Sendable {
        var settings: Settings
        var generation = 1
    }

    private let box: NIOLockedValueBox<State>

    init(_ settings: Settings) { box = NIOLockedValueBox(State(settings: settings)) }

    /// Counts reloads, from 1.
    var generation: Int { box.withLockedValue { $0.generation } }

    /// Puts these settings in force and gives their generation. Questions under way keep their snapshot.
    func swap(_ settings: Settings) -> Int {
        box.withLockedValue { state in
            state.settings = settings
            state.generation += 1
            return state.generation
        }
    }

    var current: Settings { box.withLockedValue { $0.settings } }

    var snapshot: Snapshot {
        box.withLockedValue { state in
            var limits = AnswerLimits()
            limits.deadline = state.settings.deadline
            limits.recall = state.settings.threading.recall
            return Snapshot(
                generation: state.generation, policy: Policy(state.settings.policy), model: state.settings.model,
                limits: limits)
        }
    }
}
