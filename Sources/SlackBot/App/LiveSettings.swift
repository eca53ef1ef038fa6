import Bridge
import NIOConcurrencyHelpers

/// The settings in force, behind one reference: what a reload swaps, and what a question takes its snapshot from.
final class LiveSettings: Sendable {
    /// One generation of settings, and what follows from them.
    private struct Generation: Sendable {
        let settings: Settings
        let snapshot: SettingsSnapshot

        init(_ settings: Settings, number: Int) {
            self.settings = settings
            var limits = AnswerLimits()
            limits.deadline = settings.deadline
            limits.history = settings.threading.history
            snapshot = SettingsSnapshot(
                generation: number, policy: Policy(settings.policy), model: settings.model, limits: limits)
        }
    }

    private let box: NIOLockedValueBox<Generation>

    init(_ settings: Settings) { box = NIOLockedValueBox(Generation(settings, number: 1)) }

    var current: Settings { box.withLockedValue { $0.settings } }
    /// Both of one generation, also while a reload swaps them.
    var inForce: (settings: Settings, snapshot: SettingsSnapshot) { box.withLockedValue { ($0.settings, $0.snapshot) } }
    /// Counts reloads, from 1.
    var generation: Int { snapshot.generation }
    var snapshot: SettingsSnapshot { box.withLockedValue { $0.snapshot } }

    /// Puts these settings in force and gives their generation. Questions under way keep their snapshot.
    func swap(_ settings: Settings) -> Int {
        box.withLockedValue { current in
            current = Generation(settings, number: current.snapshot.generation + 1)
            return current.snapshot.generation
        }
    }
}
