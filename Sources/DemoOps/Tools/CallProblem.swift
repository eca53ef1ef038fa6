/// What is wrong with a call, in a sentence that also says what to do. It becomes the tool's own error.
struct CallProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// "There is no service "chekout"; did you mean checkout?"
    static func unknown(_ what: String, _ name: String, known: [String], listedBy tool: String) -> CallProblem {
        let asked = name.prefix(80)
        if let near = nearest(to: name, in: known) {
            return CallProblem("There is no \(what) \"\(asked)\"; did you mean \(near)?")
        }
        return CallProblem("There is no \(what) \"\(asked)\". \(tool) shows what there is.")
    }

    /// The one known name that goes on as `name` begins, else the one within a few typing mistakes.
    static func nearest(to name: String, in known: [String]) -> String? {
        let longer = known.filter { name.count > 2 && $0.lowercased().hasPrefix(name.lowercased()) }
        if longer.count == 1 { return longer[0] }
        let asked = Array(name.lowercased().prefix(80))
        let ranked = known.map { (name: $0, distance: distance(asked, Array($0.lowercased()))) }
        let best = ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return best.flatMap { $0.distance <= max(2, asked.count / 3) ? $0.name : nil }
    }

    /// Levenshtein's distance, row by row.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let above = row[column + 1]
                row[column + 1] = min(
                    above + 1, row[column] + 1, diagonal + (character == right[column] ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
