import Bridge

/// One way in which the work on a question is interrupted: a row of the table from which `CrashScenarios` is made.
struct Crash: Sendable, Hashable, CustomStringConvertible {
    let point: Failpoint
    let kind: Kind
    let attempt: Attempt
    let backend: BotProcess.Backend
    let entry: Entry

    enum Kind: String, Sendable, CaseIterable {
        /// `kill -9`.
        case killed
        /// SIGTERM, with less time to drain than the answer takes.
        case drained
        /// Stopped past its lease and continued, while another process takes its questions.
        case frozen
        /// PostgreSQL goes away at this point and comes back.
        case storeAway = "store away"
    }

    /// The attempt that is interrupted. Before the second one, the first was killed after its first model turn.
    enum Attempt: String, Sendable, CaseIterable { case first, second }

    enum Entry: String, Sendable, CaseIterable { case mention, command, http }

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

    /// Why this row of the table is not played; nil when it is.
    var impossibility: String? {
        switch (kind, backend) {
        case (.frozen, .sqlite): return "no second process may use an SQLite file"
        case (.storeAway, .sqlite): return "SQLite is a part of the process"
        default: break
        }
        if entry == .http {
            if attempt == .second { return "a question over HTTP is not resumed: its caller is gone" }
            if kind == .frozen { return "the rows of HTTP are left to their process for a minute" }
            if isAboutSlack { return "the answer over HTTP is no message in Slack" }
        }
        guard attempt == .second else { return nil }
        switch (point, entry) {
        case (.accepted, _), (.acknowledged, _): return "what was acknowledged is not delivered again"
        case (.postSent, .command), (.postRecorded, .command): return "the first attempt may have sent them already"
        default: return nil
        }
    }

    private var isAboutSlack: Bool {
        [.acknowledged, .postPlanned, .postSent, .postRecorded, .said, .delivered].contains(point)
    }

    /// Whether the ending is in the record at this point.
    var isRecorded: Bool { [.finished, .said, .delivered].contains(point) }

    /// Whether the question is left at this point with a lease that runs out, which counts an attempt.
    var countsAttempt: Bool { [.killed, .frozen].contains(kind) }

    /// Two attempts have failed, so that the third ends the question.
    var isGivenUp: Bool { attempt == .second && countsAttempt && !isRecorded }

    /// Whether the model takes longer than a drain, and than an answer may take without a progress message.
    var isSlow: Bool { kind == .drained || (entry == .mention && [.postSent, .postRecorded].contains(point)) }
}

extension Crash {
    /// The rows that `make test` plays: each combination of two columns that is possible is in one of them at least.
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

    /// Each two columns with their values.
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
