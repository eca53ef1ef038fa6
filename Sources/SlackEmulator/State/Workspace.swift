import Bridge
import Foundation
import NIOConcurrencyHelpers

/// The workspace's one state, and a signal for readers that wait for it to change.
final class Workspace: Sendable {
    private struct Guarded {
        var state: WorkspaceState
        var version = 0
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextListener = 0
    }

    /// Another one for every workspace, so that a page notices that it looks at a new one.
    let id = UUID().uuidString
    private let guarded: NIOLockedValueBox<Guarded>
    /// Events in the order in which they happened, for the gateway.
    let events: AsyncStream<JSONValue>
    private let feed: AsyncStream<JSONValue>.Continuation

    init(options: EmulatorOptions) {
        guarded = NIOLockedValueBox(Guarded(state: WorkspaceState(options: options)))
        // Unbounded: the state behind it is too, and nothing here outlives a test or a demo.
        (events, feed) = AsyncStream.makeStream(of: JSONValue.self)
    }

    /// Changes the state, hands the events of the change to the gateway and signals the change.
    func change<Value>(_ body: (inout WorkspaceState) throws -> Value) rethrows -> Value {
        let (result, listeners) = try guarded.withLockedValue { guarded in
            let result = try body(&guarded.state)
            guarded.version += 1
            // Fed under the lock, so that events keep the order of their changes.
            for event in guarded.state.outgoing { feed.yield(event) }
            guarded.state.outgoing.removeAll()
            return (result, Array(guarded.listeners.values))
        }
        for listener in listeners { listener.yield() }
        return result
    }

    func read<Value>(_ body: (WorkspaceState) throws -> Value) rethrows -> Value {
        try guarded.withLockedValue { try body($0.state) }
    }

    /// Rises with every change.
    var version: Int { guarded.withLockedValue { $0.version } }

    /// Signals a change although nothing of the state changed: connections and the journal are watched too. Never from
    /// within ``change(_:)``.
    func notify() {
        for listener in guarded.withLockedValue({ Array($0.listeners.values) }) { listener.yield() }
    }

    /// An element at once and after every change; changes between two reads are one.
    func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = guarded.withLockedValue { guarded in
            guarded.nextListener += 1
            guarded.listeners[guarded.nextListener] = continuation
            return guarded.nextListener
        }
        continuation.onTermination = { [weak self] _ in
            self?.guarded.withLockedValue { _ = $0.listeners.removeValue(forKey: id) }
        }
        continuation.yield()
        return stream
    }
}
