/// The life of one wanted connection as a pure machine: events in, actions out, no clock, no socket.
///
/// A lane always means to have one live connection. It makes the new one before the old goes
/// (`warning`, `refresh_requested`, the announced end of its life), lets the old go first where Slack counts too many
/// (`too_many_websockets`), and never gives up: what only an operator can mend is named and tried again slowly.
struct ConnectionSlot: Sendable {
    /// Numbers the connections of this lane; what an old number says is ignored where it no longer matters.
    typealias ID = Int

    enum Event: Sendable, Equatable {
        case start
        /// The WebSocket is open; `hello` is awaited.
        case connected(ID)
        case hello(ID, lifetime: Int?)
        case disconnect(ID, reason: String)
        /// The connection is gone, for whatever reason.
        case closed(ID)
        /// It could not be made.
        case failed(ID, Failure)
        case timer(Timer)
        /// The live connection is to be replaced although nothing is wrong with it.
        case renew
        case stop
    }

    struct Failure: Sendable, Equatable {
        let code: String
        let isFatal: Bool
        let retryAfter: Duration?
    }

    enum Timer: Sendable, Hashable {
        case retry
        /// `hello` did not come.
        case helloOverdue(ID)
        /// The announced life of the connection is nearly over.
        case renew(ID)
        /// An old connection was left open long enough.
        case drained(ID)
    }

    enum Action: Sendable, Equatable {
        /// Get a URL and connect.
        case open(ID)
        /// Close normally, now.
        case close(ID)
        case schedule(Timer, Duration)
        /// The lane has a connection again.
        case live(ID)
        /// Slack refuses in a way that only an operator can mend.
        case report(code: String)
    }

    private enum Phase: Sendable, Equatable { case opening, awaitingHello, live, draining }

    private var phases: [ID: Phase] = [:]
    private var lastID = 0
    private var failures = 0
    private var isStopped = false
    private var retryPending = false
    /// The live connection is about to end, so another is needed although it still lives.
    private var wantsReplacement = false

    static let helloDeadline = Duration.seconds(15)
    static let drainTime = Duration.seconds(30)
    /// Between tries when an operator must act: `link_disabled`, a wrong token.
    static let slowRetry = Duration.seconds(300)
    static let longestBackoff = 30.0

    init() {}

    /// The connection that counts as the lane's own.
    var liveID: ID? { phases.first { $0.value == .live }?.key }

    /// - Parameter jitter: a random number from 0 to 1, so that processes do not come back in step.
    mutating func handle(_ event: Event, jitter: Double) -> [Action] {
        guard !isStopped else {
            if case .closed(let id) = event { phases[id] = nil }
            if case .connected(let id) = event { return [.close(id)] }
            return []
        }
        switch event {
        case .start: return open()
        case .connected(let id):
            guard phases[id] == .opening else { return [.close(id)] }
            phases[id] = .awaitingHello
            return [.schedule(.helloOverdue(id), Self.helloDeadline)]
        case .hello(let id, let lifetime): return hello(id, lifetime: lifetime, jitter: jitter)
        case .disconnect(let id, let reason): return disconnect(id, reason: reason, jitter: jitter)
        case .closed(let id): return closed(id, jitter: jitter)
        case .failed(let id, let failure): return failed(id, failure, jitter: jitter)
        case .timer(let timer): return fired(timer)
        case .renew: return liveID.map { fired(.renew($0)) } ?? []
        case .stop:
            isStopped = true
            return phases.keys.sorted().map { .close($0) }
        }
    }

    private var isOpening: Bool { phases.values.contains { $0 == .opening || $0 == .awaitingHello } }

    private mutating func open() -> [Action] {
        guard !isOpening else { return [] }
        lastID += 1
        phases[lastID] = .opening
        return [.open(lastID)]
    }

    private mutating func hello(_ id: ID, lifetime: Int?, jitter: Double) -> [Action] {
        guard phases[id] == .awaitingHello else { return [] }
        failures = 0
        wantsReplacement = false
        var actions: [Action] = []
        for (old, phase) in phases where phase == .live {
            // Slack still delivers to it until it is closed: it is read and acknowledged to its end.
            phases[old] = .draining
            actions.append(.schedule(.drained(old), Self.drainTime))
        }
        phases[id] = .live
        actions.append(.live(id))
        if let lifetime, lifetime > 0 {
            actions.append(.schedule(.renew(id), .seconds(Double(lifetime) * (0.8 + 0.1 * jitter))))
        }
        return actions
    }

    private mutating func disconnect(_ id: ID, reason: String, jitter: Double) -> [Action] {
        guard let phase = phases[id] else { return [] }
        switch reason {
        case "link_disabled":
            phases[id] = nil
            return [.close(id), .report(code: reason)] + retry(after: Self.slowRetry)
        case "too_many_websockets":
            phases[id] = nil
            failures += 1
            return [.close(id)] + retry(after: backoff(jitter))
        default:
            // Slack closes it by itself within seconds. A replacement that is already on its way is enough.
            guard phase == .live else { return [] }
            wantsReplacement = true
            return open()
        }
    }

    private mutating func closed(_ id: ID, jitter: Double) -> [Action] {
        guard let phase = phases.removeValue(forKey: id) else { return [] }
        switch phase {
        case .draining: return []
        case .live:
            // A connection that lived is replaced at once; the next failure begins the backoff.
            return open()
        case .opening, .awaitingHello:
            failures += 1
            return retry(after: backoff(jitter))
        }
    }

    private mutating func failed(_ id: ID, _ failure: Failure, jitter: Double) -> [Action] {
        guard phases.removeValue(forKey: id) != nil else { return [] }
        failures += 1
        if failure.isFatal { return [.report(code: failure.code)] + retry(after: Self.slowRetry) }
        return retry(after: max(failure.retryAfter ?? .zero, backoff(jitter)))
    }

    private mutating func fired(_ timer: Timer) -> [Action] {
        switch timer {
        case .retry:
            retryPending = false
            return liveID == nil || wantsReplacement ? open() : []
        case .helloOverdue(let id): return phases[id] == .awaitingHello ? [.close(id)] : []
        case .renew(let id):
            guard phases[id] == .live else { return [] }
            wantsReplacement = true
            return open()
        case .drained(let id): return phases[id] == .draining ? [.close(id)] : []
        }
    }

    private mutating func retry(after wait: Duration) -> [Action] {
        guard !retryPending else { return [] }
        retryPending = true
        return [.schedule(.retry, wait)]
    }

    /// Exponential with full jitter, from half a second to half a minute.
    private func backoff(_ jitter: Double) -> Duration {
        let ceiling = min(Self.longestBackoff, 0.5 * Double(1 << min(failures, 7)))
        return .seconds(max(0.1, ceiling * jitter))
    }
}
