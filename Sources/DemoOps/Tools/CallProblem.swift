/// A call whose arguments are wrong. The description tells the model what is wrong and what to do; it becomes a tool
/// result with `isError`.
struct CallProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Error for an unknown name, with the nearest known one: "There is no service "chekout"; did you mean checkout?"
    static func unknown(_ what: String, _ name: String, known: [String], listedBy tool: String) -> CallProblem {
        let asked = name.prefix(80)
        if let near = nearest(to: name, in: known) {
            return CallProblem("There is no \(what) \"\(asked)\"; did you mean \(near)?")
        }
        return CallProblem("There is no \(what) \"\(asked)\". \(tool) shows what there is.")
    }

    /// The only known name that begins with `name`, else the nearest one within two edits or a third of the length; nil
    /// if none is.
    static func nearest(to name: String, in known: [String]) -> String? {
        let longer = known.filter { name.count > 2 && $0.lowercased().hasPrefix(name.lowercased()) }
        if longer.count == 1 { return longer[0] }
        let asked = Array(name.lowercased().prefix(80))
        let ranked = known.map { (name: $0, distance: distance(asked, Array($0.lowercased()))) }
        let best = ranked.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return best.flatMap { $0.distance <= max(2, asked.count / 3) ? $0.name : nil }
    }

    /// Levenshtein distance, with one row of the matrix in memory.
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
