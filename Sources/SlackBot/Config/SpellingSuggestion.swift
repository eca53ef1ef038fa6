/// Suggests a known name for an unknown one.
enum SpellingSuggestion {
    /// The candidate with the smallest ``distance(_:_:)``; nil when that is more than a third of its letters and more
    /// than 2.
    static func of(_ name: String, among candidates: some Sequence<String>) -> String? {
        let nearest = candidates.map { (candidate: $0, distance: distance(name, $0)) }
            .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }
        guard let nearest, nearest.distance <= max(2, nearest.candidate.count / 3) else { return nil }
        return nearest.candidate
    }

    /// Insertions, removals, replacements and swaps of neighbours that lead from one to the other, in any case of
    /// letters ("optimal string alignment").
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased().unicodeScalars)
        let right = Array(right.lowercased().unicodeScalars)
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row]
            for column in 1...right.count {
                let isSame = left[row - 1] == right[column - 1]
                var best = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
