/// Regular expressions of schemas. Patterns come in the syntax of the server's language; an API may refuse the whole
/// request for one that is none of ECMAScript (JSON Schema 2020-12, "pattern").
enum SchemaPattern {
    /// Letters that mean something after a backslash in other languages only.
    private static let foreign = Set("AZzGKQERXHhpPkC".unicodeScalars)

    /// Whether the pattern is surely ECMAScript: brackets are balanced, and there is nothing that only other languages
    /// have.
    static func isPlain(_ pattern: String) -> Bool {
        guard pattern.utf8.count <= 1_000 else { return false }
        let scalars = Array(pattern.unicodeScalars)
        var (index, groups, mayRepeat) = (0, 0, false)
        while index < scalars.count {
            switch scalars[index] {
            case "\\":
                guard index + 1 < scalars.count, !foreign.contains(scalars[index + 1]) else { return false }
                (index, mayRepeat) = (index + 1, true)
            case "[":
                guard let end = endOfClass(scalars, from: index) else { return false }
                (index, mayRepeat) = (end, true)
            case "(":
                guard let end = groupStart(scalars, at: index) else { return false }
                (index, groups, mayRepeat) = (end, groups + 1, false)
            case ")":
                guard groups > 0 else { return false }
                (groups, mayRepeat) = (groups - 1, true)
            case "*", "+", "?":
                guard mayRepeat else { return false }
                if index + 1 < scalars.count, scalars[index + 1] == "?" { index += 1 }
                mayRepeat = false
            case "{", "}", "]":
                guard let end = repetitionEnd(scalars, from: index), mayRepeat else { return false }
                (index, mayRepeat) = (end, false)
            case "|", "^", "$": mayRepeat = false
            default: mayRepeat = true
            }
            index += 1
        }
        return groups == 0
    }

    /// The index of the `]`; nil without one, or with a class that only other languages have.
    private static func endOfClass(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        var index = start + 1
        if index < scalars.count, scalars[index] == "^" { index += 1 }
        // An empty class is an error or another class elsewhere.
        guard index < scalars.count, scalars[index] != "]" else { return nil }
        while index < scalars.count {
            switch scalars[index] {
            case "]": return index
            case "[": return nil
            case "\\":
                guard index + 1 < scalars.count, !foreign.contains(scalars[index + 1]) else { return nil }
                index += 1
            default: break
            }
            index += 1
        }
        return nil
    }

    /// The index of the last character of `(`, `(?:`, `(?=` or `(?!`; nil for other groups.
    private static func groupStart(_ scalars: [Unicode.Scalar], at start: Int) -> Int? {
        guard start + 1 < scalars.count, scalars[start + 1] == "?" else { return start }
        guard start + 2 < scalars.count, [":", "=", "!"].contains(scalars[start + 2]) else { return nil }
        return start + 2
    }

    /// The index of the `}` of `{2}`, `{2,}` or `{2,5}`; nil for anything else.
    private static func repetitionEnd(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        guard scalars[start] == "{", let end = scalars[start...].firstIndex(of: "}") else { return nil }
        let counts = scalars[(start + 1)..<end].split(separator: ",", omittingEmptySubsequences: false)
        guard 1...2 ~= counts.count, let least = number(counts[0]) else { return nil }
        guard counts.count == 2, !counts[1].isEmpty else { return end }
        guard let most = number(counts[1]), most >= least else { return nil }
        return end
    }

    private static func number(_ digits: ArraySlice<Unicode.Scalar>) -> Int? {
        guard 1...4 ~= digits.count, digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        return Int(String(String.UnicodeScalarView(digits)))
    }
}
