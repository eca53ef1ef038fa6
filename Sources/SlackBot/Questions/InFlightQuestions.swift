import Analytics
import Bridge
import NIOConcurrencyHelpers

/// The questions that this process works on, each once. ``drain(within:)`` returns when there are none.
///
/// The ``QuestionDispatcher`` begins those from Slack, and those of callers (HTTP, the command line) that another process
/// has left. A caller of this process has its question worked on in its own task, to which the answer is returned. When
/// this process ends, another process claims what is left of both and goes on.
final class InFlightQuestions: Sendable {
    /// State of one question in flight.
    private struct Entry {
        var hasCaller = false
        var isClaimed = false
        /// It could not be claimed: an older question of its thread or another process may hold it.
        var isBlocked = false
        /// Cancelled when the question is lost.
        let loss = CancellationScope()
        /// Cancelled when it is stopped.
        let stopping = CancellationScope()
        /// The first request to stop it.
        var stop: StopRequest?
    }

    private struct State {
        var entries: [ULID: Entry] = [:]
        /// A question could not be claimed since the last signal: it may wait for an older one of its thread.
        var hasBlocked = false
        /// Finished when `entries` becomes empty.
        var drained: AsyncStream<Void>.Continuation?
        /// Set by ``InFlightQuestions/close()``: callers' questions are refused.
        var isClosed = false

        var callers: Int { entries.values.count { $0.hasCaller } }

        func checkRoom(_ limit: Int) throws {
            if isClosed { throw Stopping() }
            if callers >= limit { throw TooManyCallers(limit: limit) }
        }

        /// Removes the question; true when one that could not be claimed may wait for it.
        mutating func remove(_ id: ULID) -> Bool {
            let entry = entries.removeValue(forKey: id)
            // A caller's question has a thread key of its own entry point, which no question from Slack has.
            if entry?.hasCaller == true { return false }
            if entry?.isBlocked == true {
                hasBlocked = true
                return false
            }
            defer { hasBlocked = false }
            return hasBlocked
        }
    }

    /// Maximum number of callers' questions at the same time. Each holds a connection, and most wait for a model.
    static let callerLimit = 64

    private let callerLimit: Int
    private let box = NIOLockedValueBox(State())

    init(callerLimit: Int = InFlightQuestions.callerLimit) { self.callerLimit = callerLimit }

    /// Questions in flight, also of callers.
    var count: Int { box.withLockedValue { $0.entries.count } }
    /// Questions that the ``QuestionDispatcher`` has begun.
    var countWithoutCaller: Int { box.withLockedValue { $0.entries.count - $0.callers } }
    /// Whether ``close()`` was called.
    var isClosed: Bool { box.withLockedValue { $0.isClosed } }
    /// Questions that this process has claimed.
    var claimed: Set<ULID> { box.withLockedValue { Set($0.entries.filter { $0.value.isClaimed }.keys) } }

    /// Begins a question from Slack. False when it is in flight already.
    func begin(_ id: ULID) -> Bool {
        box.withLockedValue { state in
            guard state.entries[id] == nil else { return false }
            state.entries[id] = Entry()
            return true
        }
    }

    /// Records that this process has claimed the question, so that its lease is renewed.
    func claim(_ id: ULID) {
        box.withLockedValue { $0.entries[id]?.isClaimed = true }
    }

    /// Records that the question could not be claimed. The next end of another one then returns true.
    func block(_ id: ULID) {
        box.withLockedValue { $0.entries[id]?.isBlocked = true }
    }

    /// Removes the question. True when another one could not be claimed since the last true: it may wait for this one,
    /// so that the store is to be polled.
    func end(_ id: ULID) -> Bool {
        let (isWaited, drained) = box.withLockedValue { state in
            (state.remove(id), state.entries.isEmpty ? state.drained : nil)
        }
        drained?.finish()
        return isWaited
    }

    /// Records that another process has taken over the question, and cancels the work on it.
    func lose(_ id: ULID) { box.withLockedValue { $0.entries[id]?.loss }?.cancel() }

    /// Runs the work on a question, and cancels it when the question is lost; once for each question in flight.
    func untilLost<Value: Sendable>(_ id: ULID, _ work: @escaping @Sendable () async -> Value) async -> Value {
        await scope(id, \.loss).run(work)
    }

    /// Stops the work on the question, if this process has claimed it; false if it has not. Of several requests the
    /// first counts.
    @discardableResult
    func stop(_ id: ULID, _ request: StopRequest) -> Bool {
        let stopping = box.withLockedValue { state -> CancellationScope? in
            guard let entry = state.entries[id], entry.isClaimed else { return nil }
            state.entries[id]?.stop = entry.stop ?? request
            return entry.stopping
        }
        stopping?.cancel()
        return stopping != nil
    }

    /// The request to stop the question; nil if there is none.
    func stopRequest(_ id: ULID) -> StopRequest? { box.withLockedValue { $0.entries[id]?.stop } }

    /// Runs the answering of a question, and cancels it when the question is stopped; once for each question in flight.
    func untilStopped<Value: Sendable>(_ id: ULID, _ work: @escaping @Sendable () async -> Value) async -> Value {
        await scope(id, \.stopping).run(work)
    }

    /// The scope of a question in flight; a new one, which is never cancelled, for another question.
    private func scope(_ id: ULID, _ path: KeyPath<Entry, CancellationScope>) -> CancellationScope {
        box.withLockedValue { $0.entries[id]?[keyPath: path] } ?? CancellationScope()
    }

    /// Returns when no question is in flight, after `limit`, or when the task is cancelled.
    func drain(within limit: Duration) async {
        let (drained, continuation) = AsyncStream.makeStream(of: Void.self)
        let isEmpty = box.withLockedValue { state in
            state.drained = continuation
            return state.entries.isEmpty
        }
        guard !isEmpty else { return }
        _ = await withDeadline(limit) { for await _ in drained {} }
    }
}

/// Questions of callers, which wait for the answer in this process.
extension InFlightQuestions {
    /// Runs the work of a caller's question. Cancels it and throws `CancellationError` when another process takes over
    /// the question or ``close()`` is called. Throws what `work` throws, and ``TooManyCallers`` or ``Stopping`` when it
    /// does not begin.
    func run<Value: Sendable>(
        _ id: ULID, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try beginForCaller(id)
        defer { _ = end(id) }
        return try await untilLost(id) { await Result(work) }.get()
    }

    /// Begins a caller's question. Throws ``TooManyCallers`` or ``Stopping``.
    func beginForCaller(_ id: ULID) throws {
        try box.withLockedValue { state in
            try state.checkRoom(callerLimit)
            state.entries[id] = Entry(hasCaller: true)
        }
    }

    /// Throws ``TooManyCallers`` or ``Stopping`` when a caller's question would not begin now.
    func checkRoom() throws { try box.withLockedValue { try $0.checkRoom(callerLimit) } }

    /// Cancels the callers' questions in flight and refuses new ones.
    func close() {
        let losses = box.withLockedValue { state in
            state.isClosed = true
            return state.entries.values.filter(\.hasCaller).map(\.loss)
        }
        for loss in losses { loss.cancel() }
    }
}

/// The limit of callers' questions at the same time is reached.
struct TooManyCallers: Error, Sendable, CustomStringConvertible {
    let limit: Int
    var description: String { "\(limit) questions are being answered; try again in a moment" }
}

/// This process is shutting down; the caller has to ask again.
struct Stopping: Error, Sendable, CustomStringConvertible {
    var description: String { "Omni is restarting; try again" }
}
