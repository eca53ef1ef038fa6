/// Which lanes there are, as a pure machine: told how many are wanted, it says which begin and which end.
struct LanePlan: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case begin(Int)
        case end(Int)
    }

    /// Their numbers, the oldest first; a number is used once.
    private(set) var lanes: [Int] = []
    private var next = 0

    /// - Parameter live: the lanes that have a connection; they are kept before those that have none.
    mutating func want(_ count: Int, live: Set<Int>) -> [Step] {
        var steps: [Step] = []
        while lanes.count < count {
            lanes.append(next)
            steps.append(.begin(next))
            next += 1
        }
        while lanes.count > max(0, count) {
            let index = lanes.lastIndex { !live.contains($0) } ?? lanes.count - 1
            steps.append(.end(lanes.remove(at: index)))
        }
        return steps
    }
}

/// How many connections are wanted, from the number of live processes (decisions, section 1).
struct SocketQuota: Sendable, Hashable {
    let processes: Int

    /// Slack allows ten an app.
    var perProcess: Int { processes > 4 ? 1 : 2 }
    var total: Int { max(1, processes) * perProcess }
}
