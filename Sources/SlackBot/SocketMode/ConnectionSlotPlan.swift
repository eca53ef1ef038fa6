/// State machine of the set of connection slots: from the wanted number it computes which slots begin and which end.
struct ConnectionSlotPlan: Sendable, Hashable {
    /// The slot with this number begins or ends.
    enum Step: Sendable, Hashable {
        case begin(Int)
        case end(Int)
    }

    /// The numbers of the slots, the oldest first. A number is not used again.
    private(set) var slots: [Int] = []
    private var next = 0

    /// Sets the wanted number of slots and returns the steps to it.
    ///
    /// - Parameter live: the slots that have a live connection; the ones without end first.
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
