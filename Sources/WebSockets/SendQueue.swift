import CWebSockets
import DequeModule

/// The frames of a connection in the order of their senders, each sender with the continuation that waits for it.
struct SendQueue {
    typealias Waiter = CheckedContinuation<Void, any Error>

    private struct Entry {
        let id: UInt64
        let frame: OutgoingFrame
        let isFirst: Bool
        let isLast: Bool
    }

    private var entries: Deque<Entry> = []
    private var waiters: [UInt64: Waiter] = [:]
    private var written: UInt64?

    var isEmpty: Bool { entries.isEmpty }

    /// Appends a message of one or more frames; `waiter` belongs to the last.
    mutating func append(_ frames: [OutgoingFrame], id: UInt64, waiter: Waiter) {
        for (index, frame) in frames.enumerated() {
            entries.append(Entry(id: id, frame: frame, isFirst: index == 0, isLast: index == frames.count - 1))
        }
        waiters[id] = waiter
    }

    /// The next frame to write; the former must be finished.
    mutating func next() -> OutgoingFrame? {
        guard let entry = entries.popFirst() else { return nil }
        written = entry.isLast ? entry.id : nil
        return entry.frame
    }

    /// The kernel has the frame that ``next()`` gave; the waiter to resume, when its message is complete.
    mutating func finishWritten() -> Waiter? {
        guard let id = written else { return nil }
        written = nil
        return waiters.removeValue(forKey: id)
    }

    /// Gives up waiting for a message. It is not sent if none of it was written yet; a begun one is completed.
    mutating func cancel(_ id: UInt64) -> Waiter? {
        if entries.contains(where: { $0.id == id && $0.isFirst }) { entries.removeAll { $0.id == id } }
        return waiters.removeValue(forKey: id)
    }

    mutating func removeAll() -> [Waiter] {
        entries = []
        written = nil
        defer { waiters = [:] }
        return Array(waiters.values)
    }
}
