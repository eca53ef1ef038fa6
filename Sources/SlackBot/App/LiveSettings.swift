import Bridge
import NIOConcurrencyHelpers

/// The settings in force, behind one lock: a reload swaps them, and a question takes its snapshot from them.
final class LiveSettings: Sendable {
    /// One generation of settings with the snapshot made from it.
    private struct Generation: Sendable {
        let settings: Settings
        let snapshot: SettingsSnapshot

        init(_ settings: Settings, number: Int) {
            self.settings = settings
            var limits = AnswerLimits()
            limits.deadline = settings.deadline
            limits.history = settings.threading.history
            snapshot = SettingsSnapshot(
                generation: number, policy: Policy(settings.policy), model: settings.model, limits: limits,
                voice: settings.slack.voice)
        }
    }

    private let box: NIOLockedValueBox<Generation>

    init(_ settings: Settings) { box = NIOLockedValueBox(Generation(settings, number: 1)) }

    /// The settings in force.
    var current: Settings { box.withLockedValue { $0.settings } }
    /// Settings and snapshot of the same generation, also while a reload swaps them.
    var inForce: (settings: Settings, snapshot: SettingsSnapshot) { box.withLockedValue { ($0.settings, $0.snapshot) } }
    /// Generation of the settings in force: 1 at the start, and one more for each applied reload.
    var generation: Int { snapshot.generation }
    /// The snapshot that a question which begins now is answered under.
    var snapshot: SettingsSnapshot { box.withLockedValue { $0.snapshot } }

    /// Puts `settings` in force and returns their generation. Questions in flight stay under their snapshot.
    func swap(_ settings: Settings) -> Int {
        box.withLockedValue { current in
            current = Generation(settings, number: current.snapshot.generation + 1)
            return current.snapshot.generation
        }
    }
}
