/// State machine of one connection slot: events in, actions out; no clock, no I/O.
///
/// A slot holds one live connection. It opens the replacement before it closes the old connection (`warning`,
/// `refresh_requested`, the end of the announced lifetime), closes the old one first where Slack counts too many
/// (`too_many_websockets`), and never stops retrying: an error that only an operator can correct is reported and
/// retried every ``slowRetry``.
struct ConnectionSlot: Sendable {
    /// Number of a connection within this slot. Events of a connection that has ended are ignored where they have no
    /// effect.
    typealias ID = Int

    /// What happened to the slot or to one of its connections.
    enum Event: Sendable, Equatable {
        case start
        /// The WebSocket is open; `hello` is awaited.
        case connected(ID)
        case hello(ID, lifetime: Int?)
        case disconnect(ID, reason: String)
        /// The connection ended, for any reason.
        case closed(ID)
        /// The connection could not be opened.
        case failed(ID, Failure)
        case timer(Timer)
        /// Replaces the live connection, which has no fault.
        case renew
        case stop
    }

    /// Why a connection could not be opened. A fatal failure is one that only an operator can correct.
    struct Failure: Sendable, Equatable {
        let code: String
        let isFatal: Bool
        let retryAfter: Duration?
    }

    /// What a scheduled timer is for.
    enum Timer: Sendable, Hashable {
        case retry
        /// `hello` has not arrived within ``helloDeadline``.
        case helloOverdue(ID)
        /// 80 to 90 % of the announced lifetime of the connection has passed.
        case renew(ID)
        /// A replaced connection has been read for ``drainTime``.
        case drained(ID)
    }

    /// What the driver performs.
    enum Action: Sendable, Equatable {
        /// Get a URL (`apps.connections.open`) and connect.
        case open(ID)
        /// Close with code 1000, now.
        case close(ID)
        case schedule(Timer, Duration)
        /// The slot has a live connection.
        case live(ID)
        /// Slack refuses with an error that only an operator can correct.
        case report(code: String)
    }

    private enum Phase: Sendable, Equatable { case opening, awaitingHello, live, draining }

    private var phases: [ID: Phase] = [:]
    private var lastID = 0
    private var failures = 0
    private var isStopped = false
    private var retryPending = false
    /// The live connection is about to end, so a replacement is needed although it is still live.
    private var wantsReplacement = false

    static let helloDeadline = Duration.seconds(15)
    static let drainTime = Duration.seconds(30)
    /// Between attempts when an operator must act: `link_disabled`, a wrong token.
    static let slowRetry = Duration.seconds(300)
    /// Seconds.
    static let longestBackoff = 30.0

    init() {}

    /// The live connection of the slot; nil when there is none.
    var liveID: ID? { phases.first { $0.value == .live }?.key }

    /// Applies an event and returns the actions to perform, in order.
    ///
    /// - Parameter jitter: a random number from 0 to 1, so that processes do not reconnect at the same time.
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
            // Slack still delivers to the old connection until it is closed: it is read and acknowledged until then.
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
            // Slack closes the connection by itself within seconds. No second replacement is opened while one is
            // opening.
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
            // A live connection is replaced at once; the backoff begins with the next failure.
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

    /// Exponential backoff with full jitter: the ceiling is 0.5 s doubled for each failure, at most ``longestBackoff``;
    /// the result is at least 0.1 s.
    private func backoff(_ jitter: Double) -> Duration {
        let ceiling = min(Self.longestBackoff, 0.5 * Double(1 << min(failures, 7)))
        return .seconds(max(0.1, ceiling * jitter))
    }
}
