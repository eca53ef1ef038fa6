package import Bridge
import DequeModule
import NIOConcurrencyHelpers

/// One thing that crossed the border between the app and the workspace.
package struct JournalEntry: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// A Web API call with its outcome, and a post to a response_url.
        case call, response
        /// A Socket Mode connection came, ended, or was refused.
        case opened, closed, refused
        /// A frame to the app, a frame from it, and one that is not in order.
        case sent, received, malformed
        /// An envelope that was not acknowledged in time.
        case unacknowledged
    }

    package let number: Int
    /// As a ts.
    package let time: String
    package let kind: Kind
    /// A method, a frame's type, or a close reason.
    package let name: String
    package let detail: JSONValue

    package var json: JSONValue {
        [
            "number": .int(Int64(number)), "time": .string(time), "kind": .string(kind.rawValue),
            "name": .string(name), "detail": detail,
        ]
    }
}

/// Everything that was said, newest last; the oldest entries go when it is full.
final class Journal: Sendable {
    private struct State {
        var entries: Deque<JournalEntry> = []
        var number = 0
    }

    private static let capacity = 20_000
    private let state = NIOLockedValueBox(State())
    private let ring: @Sendable () -> Void

    /// `ring` is called after every entry, so that those who wait for one look again.
    init(ring: @escaping @Sendable () -> Void) { self.ring = ring }

    func note(_ kind: JournalEntry.Kind, _ name: String, _ detail: JSONValue = .null) {
        let time = WorkspaceState.ts(WallClock.now)
        state.withLockedValue { state in
            state.number += 1
            state.entries.append(
                JournalEntry(number: state.number, time: time, kind: kind, name: name, detail: detail))
            if state.entries.count > Self.capacity { state.entries.removeFirst() }
        }
        ring()
    }

    var entries: [JournalEntry] { state.withLockedValue { Array($0.entries) } }

    /// The number of the newest entry; 0 when there is none.
    var newest: Int { state.withLockedValue { $0.number } }
}
