import Bridge

/// An interruption of the work on a question: a row of the table that `CrashScenarios` runs.
struct Crash: Sendable, Hashable, CustomStringConvertible {
    let point: Failpoint
    let kind: Kind
    let attempt: Attempt
    let backend: BotProcess.Backend
    let entry: Entry

    /// What interrupts the process.
    enum Kind: String, Sendable, CaseIterable {
        /// `kill -9`.
        case killed
        /// SIGTERM, with a drain time shorter than the answer takes.
        case drained
        /// SIGSTOP until its lease has expired and another process has taken its questions; then SIGCONT.
        case frozen
        /// PostgreSQL is stopped at this point and started again.
        case storeAway = "store away"
    }

    /// The attempt that is interrupted. Before the second, the first attempt was killed after its first model turn.
    enum Attempt: String, Sendable, CaseIterable { case first, second }

    /// How the question reaches Omni, and how it shows the answer.
    enum Entry: String, Sendable, CaseIterable {
        case mention, command, http
        /// A mention whose answer is streamed.
        case stream
    }

    static let all = Failpoint.allCases.flatMap { point in
        Kind.allCases.flatMap { kind in
            Attempt.allCases.flatMap { attempt in
                BotProcess.Backend.allCases.flatMap { backend in
                    Entry.allCases.map {
                        Crash(point: point, kind: kind, attempt: attempt, backend: backend, entry: $0)
                    }
                }
            }
        }
    }

    static let possible = all.filter { $0.impossibility == nil }

    var description: String {
        "\(point.rawValue), \(kind.rawValue), \(attempt.rawValue) attempt, \(backend.rawValue), \(entry.rawValue)"
    }

    /// Why this row of the table cannot occur; nil when it can.
    var impossibility: String? {
        if [.fileUploaded, .fileShared].contains(point) { return "the answers of this table have no file" }
        if point == .suspended { return "the questions of this table ask nobody back" }
        switch (kind, backend) {
        case (.frozen, .sqlite): return "no second process may use an SQLite file"
        case (.storeAway, .sqlite): return "SQLite is a part of the process"
        default: break
        }
        if entry == .http, isAboutSlack { return "the answer over HTTP is no message in Slack" }
        guard attempt == .second else { return nil }
        switch (point, entry) {
        case (.accepted, _), (.acknowledged, _): return "what was acknowledged is not delivered again"
        case (.postSent, .command), (.postRecorded, .command): return "the first attempt may have sent them already"
        default: return nil
        }
    }

    private var isAboutSlack: Bool {
        [.acknowledged, .postSent, .postRecorded, .said, .delivered].contains(point)
    }

    /// Whether the outcome is committed at this point.
    var isRecorded: Bool { [.finished, .said, .delivered].contains(point) }

    /// Whether the interruption leaves the question with a lease that expires, which counts as an attempt.
    var countsAttempt: Bool { [.killed, .frozen].contains(kind) }

    /// Whether two attempts have failed, so that the third ends the question without an answer.
    var isGivenUp: Bool { attempt == .second && countsAttempt && !isRecorded }

    /// Whether the model must take longer than the drain, or than the delay before the first message.
    var isSlow: Bool {
        kind == .drained || entry == .stream || entry == .mention && [.postSent, .postRecorded].contains(point)
    }
}

extension Crash {
    /// The rows that `make test` runs: each possible combination of values of two columns is in at least one of them.
    static let covering: [Crash] = {
        var missing = Set(possible.flatMap(\.pairs))
        var chosen: [Crash] = []
        while let next = possible.max(by: { $0.covered(of: missing) < $1.covered(of: missing) }),
            next.covered(of: missing) > 0
        {
            chosen.append(next)
            missing.subtract(next.pairs)
        }
        return chosen
    }()

    /// Each combination of two columns, with their values.
    var pairs: [String] {
        let columns = [
            "point \(point.rawValue)", "kind \(kind.rawValue)", "attempt \(attempt.rawValue)",
            "store \(backend.rawValue)", "entry \(entry.rawValue)",
        ]
        return columns.indices.flatMap { first in
            columns[(first + 1)...].map { "\(columns[first]), \($0)" }
        }
    }

    private func covered(of missing: Set<String>) -> Int { pairs.count { missing.contains($0) } }
}
