import Bridge
import NIOConcurrencyHelpers

/// The settings in force, behind one reference: what a reload swaps, and what a question takes its snapshot from.
final class LiveSettings: Sendable {
    /// One generation of settings. A reference, as every question looks at it many times; a member of the settings is a
    /// member of it.
    @dynamicMemberLookup
    final class InForce: Sendable {
        let settings: Settings
        let snapshot: Snapshot
        /// Counts reloads, from 1.
        var generation: Int { snapshot.generation }

        fileprivate init(_ settings: Settings, generation: Int) {
            self.settings = settings
            var limits = AnswerLimits()
            limits.deadline = settings.deadline
            limits.recall = settings.threading.recall
            snapshot = Snapshot(
                generation: generation, policy: Policy(settings.policy), model: settings.model, limits: limits)
        }

        subscript<Member>(dynamicMember path: KeyPath<Settings, Member>) -> Member {
            @inline(__always) get { settings[keyPath: path] }
        }
    }

    private let box: NIOLockedValueBox<InForce>

    init(_ settings: Settings) { box = NIOLockedValueBox(InForce(settings, generation: 1)) }

    var current: InForce { box.withLockedValue { $0 } }
    var generation: Int { current.generation }
    var snapshot: Snapshot { current.snapshot }

    /// Puts these settings in force and gives their generation. Questions under way keep their snapshot.
    func swap(_ settings: Settings) -> Int {
        box.withLockedValue { current in
            current = InForce(settings, generation: current.generation + 1)
            return current.generation
        }
    }
}
