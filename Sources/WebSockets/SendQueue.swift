import CWebSockets
import DequeModule

/// Frames to be written, in the order of the calls, and the continuation of each message's sender.
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
    /// The message that the last frame of ``next()`` completes; nil if more of its frames are queued.
    private var written: UInt64?

    var isEmpty: Bool { entries.isEmpty }

    /// Appends a message of one or more frames; `waiter` is resumed when the last is written.
    mutating func append(_ frames: [OutgoingFrame], id: UInt64, waiter: Waiter) {
        for (index, frame) in frames.enumerated() {
            entries.append(Entry(id: id, frame: frame, isFirst: index == 0, isLast: index == frames.count - 1))
        }
        waiters[id] = waiter
    }

    /// Removes the next frame to write. ``finishWritten()`` must have been called for the one before.
    mutating func next() -> OutgoingFrame? {
        guard let entry = entries.popFirst() else { return nil }
        written = entry.isLast ? entry.id : nil
        return entry.frame
    }

    /// The kernel has taken the frame of ``next()``. Returns the sender's continuation if the message is complete.
    mutating func finishWritten() -> Waiter? {
        guard let id = written else { return nil }
        written = nil
        return waiters.removeValue(forKey: id)
    }

    /// Stops waiting for a message and returns its sender's continuation. A message of which no frame was taken is
    /// removed; one that was begun is completed.
    mutating func cancel(_ id: UInt64) -> Waiter? {
        if entries.contains(where: { $0.id == id && $0.isFirst }) { entries.removeAll { $0.id == id } }
        return waiters.removeValue(forKey: id)
    }

    /// Drops all frames and returns all continuations.
    mutating func removeAll() -> [Waiter] {
        entries = []
        written = nil
        defer { waiters = [:] }
        return Array(waiters.values)
    }
}
