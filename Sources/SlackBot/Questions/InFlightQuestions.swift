import Bridge
import NIOConcurrencyHelpers

/// The questions in the air, each once; lets a stop wait until there is none.
///
/// Those of Slack are begun by the ``QuestionDispatcher``, and the next process that claims one goes on with it. Those of
/// callers (HTTP, the command line) are carried by who asked them: only this process can give the answer to who waits
/// for it.
final class InFlightQuestions: Sendable {
    private struct Entry {
        var hasCaller = false
        var isClaimed = false
        var isBlocked = false
        var loss: AsyncStream<Void>.Continuation?
        var isLost = false
    }

    private struct State {
        var entries: [ULID: Entry] = [:]
        /// Another question waits for an older one of its thread.
        var hasBlocked = false
        var drained: AsyncStream<Void>.Continuation?
        /// Callers' questions are not begun any more.
        var isClosed = false

        var callers: Int { entries.values.count { $0.hasCaller } }

        func checkRoom(_ limit: Int) throws {
            if isClosed { throw Stopping() }
            if callers >= limit { throw TooManyCallers(limit: limit) }
        }
    }

    /// Questions of callers at the same time; each holds a connection, and most wait for a model.
    static let callerLimit = 64

    private let callerLimit: Int
    private let box = NIOLockedValueBox(State())

    init(callerLimit: Int = InFlightQuestions.callerLimit) { self.callerLimit = callerLimit }

    var count: Int { box.withLockedValue { $0.entries.count } }
    /// Those that the dispatcher has begun.
    var countWithoutCaller: Int { box.withLockedValue { $0.entries.count - $0.callers } }
    var isClosed: Bool { box.withLockedValue { $0.isClosed } }
    /// Those that this process has claimed.
    var claimed: Set<ULID> { box.withLockedValue { Set($0.entries.filter { $0.value.isClaimed }.keys) } }

    /// False when it is in the air already.
    func begin(_ id: ULID) -> Bool {
        box.withLockedValue { state in
            guard state.entries[id] == nil else { return false }
            state.entries[id] = Entry()
            return true
        }
    }

    func claim(_ id: ULID) {
        box.withLockedValue { $0.entries[id]?.isClaimed = true }
    }

    /// It could not be claimed: it comes again when another has ended.
    func block(_ id: ULID) {
        box.withLockedValue { $0.entries[id]?.isBlocked = true }
    }

    /// True when another question may have waited for this one to end.
    func end(_ id: ULID) -> Bool {
        box.withLockedValue { state in
            let entry = state.entries.removeValue(forKey: id)
            if state.entries.isEmpty { state.drained?.finish() }
            // No question of Slack waits for a caller's.
            if entry?.hasCaller == true { return false }
            if entry?.isBlocked == true {
                state.hasBlocked = true
                return false
            }
            defer { state.hasBlocked = false }
            return state.hasBlocked
        }
    }

    /// Another process has it.
    func lose(_ id: ULID) {
        box.withLockedValue { state in
            state.entries[id]?.isLost = true
            state.entries[id]?.loss?.finish()
        }
    }

    /// Returns when the question is lost, or the task cancelled.
    func lost(_ id: ULID) async {
        let (loss, continuation) = AsyncStream.makeStream(of: Void.self)
        let isLost = box.withLockedValue { state in
            state.entries[id]?.loss = continuation
            return state.entries[id]?.isLost ?? true
        }
        if !isLost { for await _ in loss {} }
    }

    /// Returns when nothing is in the air, or after the time.
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

/// Questions whose asker waits for the answer in this process.
extension InFlightQuestions {
    /// Runs the work of a caller's question, and cancels it when another process has the question or the flights are
    /// closed. Throws what the work throws; ``TooManyCallers`` or ``Stopping`` when it does not begin.
    func run<Value: Sendable>(
        _ id: ULID, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try admit(id)
        defer { _ = end(id) }
        let carried = try await withThrowingTaskGroup(of: Value?.self) { group -> Value? in
            group.addTask { try await work() }
            group.addTask {
                await self.lost(id)
                return nil
            }
            var value: Value?
            while let result = try await group.next() {
                if let result { value = result }
                group.cancelAll()
            }
            return value
        }
        guard let value = carried else { throw CancellationError() }
        return value
    }

    /// Begins a caller's question. Throws as ``run(_:_:)`` does.
    func admit(_ id: ULID) throws {
        try box.withLockedValue { state in
            try state.checkRoom(callerLimit)
            state.entries[id] = Entry(hasCaller: true)
        }
    }

    /// Throws when no question of a caller would begin now.
    func checkRoom() throws { try box.withLockedValue { try $0.checkRoom(callerLimit) } }

    /// Callers' questions under way are cancelled, and no other begins.
    func close() {
        box.withLockedValue { state in
            state.isClosed = true
            for (id, entry) in state.entries where entry.hasCaller {
                state.entries[id]?.isLost = true
                entry.loss?.finish()
            }
        }
    }
}

/// As many callers wait for answers as may at the same time.
struct TooManyCallers: Error, Sendable, CustomStringConvertible {
    let limit: Int
    var description: String { "\(limit) questions are being answered; try again in a moment" }
}

/// This process ends, and who waited for an answer has to ask again.
struct Stopping: Error, Sendable, CustomStringConvertible {
    var description: String { "Omni is restarting; try again" }
}
