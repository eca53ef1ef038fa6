/// Which lanes there are, as a pure machine: told how many are wanted, it says which begin and which end.
struct ConnectionSlotPlan: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case begin(Int)
        case end(Int)
    }

    /// Their numbers, the oldest first; a number is used once.
    private(set) var slots: [Int] = []
    private var next = 0

    /// - Parameter live: the lanes that have a connection; they are kept before those that have none.
    mutating func want(_ count: Int, live: Set<Int>) -> [Step] {
        var steps: [Step] = []
        while slots.count < count {
            slots.append(next)
            steps.append(.begin(next))
            next += 1
        }
        while slots.count > max(0, count) {
            let index = slots.lastIndex { !live.contains($0) } ?? slots.count - 1
            steps.append(.end(slots.remove(at: index)))
        }
        return steps
    }
}
