import Bridge
import DequeModule
import NIOConcurrencyHelpers

/// Log of the traffic between app and workspace, oldest first. Holds the newest 20,000 entries.
final class TrafficLog: Sendable {
    private struct State {
        var entries: Deque<TrafficLogEntry> = []
        var number = 0
    }

    private static let capacity = 20_000
    private let state = NIOLockedValueBox(State())
    private let onEntry: @Sendable () -> Void

    /// - Parameter onEntry: called after each entry, so that tasks that wait for a condition evaluate it.
    init(onEntry: @escaping @Sendable () -> Void) { self.onEntry = onEntry }

    func note(_ kind: TrafficLogEntry.Kind, _ name: String, _ detail: JSONValue = .null) {
        let time = WorkspaceState.ts(WallClock.now)
        state.withLockedValue { state in
            state.number += 1
            state.entries.append(
                TrafficLogEntry(number: state.number, time: time, kind: kind, name: name, detail: detail))
            if state.entries.count > Self.capacity { state.entries.removeFirst() }
        }
        onEntry()
    }

    var entries: [TrafficLogEntry] { state.withLockedValue { Array($0.entries) } }

    /// The number of the newest entry; 0 without entries.
    var newest: Int { state.withLockedValue { $0.number } }
}
