import Bridge
import NIOConcurrencyHelpers

/// Says that there is work. Rings that nobody has heard yet are one ring.
struct Bell: Sendable {
    private struct Calls {
        var ids: [ULID] = []
        var isPatrol = false
    }

    let rings: AsyncStream<Void>
    private let rope: AsyncStream<Void>.Continuation
    /// Never longer than what was stored since the last answer.
    private let calls = NIOLockedValueBox(Calls())

    init() { (rings, rope) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    /// Somebody should look what there is.
    func ring() {
        calls.withLockedValue { $0.isPatrol = true }
        rope.yield()
    }

    /// This question was stored.
    func ring(for id: ULID) {
        calls.withLockedValue { $0.ids.append(id) }
        rope.yield()
    }

    /// Nobody hears it any more: ``rings`` ends.
    func fallSilent() { rope.finish() }

    /// What was rung for since the last answer.
    func answer() -> (ids: [ULID], isPatrol: Bool) {
        calls.withLockedValue { calls in
            defer { calls = Calls() }
            return (calls.ids, calls.isPatrol)
        }
    }
}

/// The questions in the air, each once; lets a stop wait until there is none.
final class Flights: Sendable {
    private struct Flight {
        var isClaimed = false
        var isBlocked = false
        var loss: AsyncStream<Void>.Continuation?
        var isLost = false
    }

    private struct State {
        var flights: [ULID: Flight] = [:]
        /// Somebody waits for an older question of the thread.
        var hasBlocked = false
        var landed: AsyncStream<Void>.Continuation?
    }

    private let box = NIOLockedValueBox(State())

    var count: Int { box.withLockedValue { $0.flights.count } }
    /// Those that this process has claimed.
    var claimed: Set<ULID> { box.withLockedValue { Set($0.flights.filter { $0.value.isClaimed }.keys) } }

    /// False when it is in the air already.
    func begin(_ id: ULID) -> Bool {
        box.withLockedValue { state in
            guard state.flights[id] == nil else { return false }
            state.flights[id] = Flight()
            return true
        }
    }

    func claim(_ id: ULID) {
        box.withLockedValue { $0.flights[id]?.isClaimed = true }
    }

    /// It could not be claimed: it comes again when another has ended.
    func block(_ id: ULID) {
        box.withLockedValue { $0.flights[id]?.isBlocked = true }
    }

    /// True when somebody may have waited for this end.
    func end(_ id: ULID) -> Bool {
        box.withLockedValue { state in
            let flight = state.flights.removeValue(forKey: id)
            if state.flights.isEmpty { state.landed?.finish() }
            if flight?.isBlocked == true {
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
            state.flights[id]?.isLost = true
            state.flights[id]?.loss?.finish()
        }
    }

    /// Returns when the question is lost, or the task cancelled.
    func lost(_ id: ULID) async {
        let (loss, continuation) = AsyncStream.makeStream(of: Void.self)
        let isLost = box.withLockedValue { state in
            state.flights[id]?.loss = continuation
            return state.flights[id]?.isLost ?? true
        }
        if !isLost { for await _ in loss {} }
    }

    /// Returns when nothing is in the air, or after the time.
    func settle(within limit: Duration) async {
        let (landed, continuation) = AsyncStream.makeStream(of: Void.self)
        let isEmpty = box.withLockedValue { state in
            state.landed = continuation
            return state.flights.isEmpty
        }
        guard !isEmpty else { return }
        _ = await withDeadline(limit) { for await _ in landed {} }
    }
}
