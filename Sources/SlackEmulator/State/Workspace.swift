import Bridge
import Foundation
import NIOConcurrencyHelpers

/// Owns the workspace's state behind a lock, and signals changes to the tasks that wait for them.
final class Workspace: Sendable {
    private struct Guarded {
        var state: WorkspaceState
        var version = 0
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextListener = 0
    }

    /// Unique per emulator, so that the page detects that it is connected to a new one.
    let id = UUID().uuidString
    private let guarded: NIOLockedValueBox<Guarded>
    /// Events for the gateway, in the order in which they happened.
    let events: AsyncStream<JSONValue>
    private let feed: AsyncStream<JSONValue>.Continuation

    init(options: EmulatorOptions) {
        guarded = NIOLockedValueBox(Guarded(state: WorkspaceState(options: options)))
        // Unbounded: the state is unbounded too, and an emulator lives as long as a test or a demo.
        (events, feed) = AsyncStream.makeStream(of: JSONValue.self)
    }

    /// Changes the state, passes the events of the change to the gateway and signals all waiting tasks.
    func change<Value>(_ body: (inout WorkspaceState) throws -> Value) rethrows -> Value {
        let (result, listeners) = try guarded.withLockedValue { guarded in
            let result = try body(&guarded.state)
            guarded.version += 1
            // Under the lock, so that events keep the order of their changes.
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

    /// Increases by one with every change.
    var version: Int { guarded.withLockedValue { $0.version } }

    /// Signals the waiting tasks although the state is unchanged: connections and the traffic log are observed too.
    /// Must not be called inside ``change(_:)``.
    func notify() {
        for listener in guarded.withLockedValue({ Array($0.listeners.values) }) { listener.yield() }
    }

    /// An element at once and after every change. Changes that occur before the consumer asks for the next element are
    /// one.
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
