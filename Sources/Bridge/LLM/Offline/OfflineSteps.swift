/// Takes a question apart into what may be separate requests (decisions, section 7).
enum OfflineSteps {
    static let most = 3

    /// At most three steps, in their order. Quoted text is never taken apart.
    static func split(_ text: String) -> [String] {
        var steps: [String] = []
        var step = ""
        var quote: Character?
        var previous: Character = " "
        for character in text {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "`" || (character == "'" && !previous.isLetter) {
                quote = character
            }
            if quote == nil, ";?\n".contains(character) || (character == "." && !previous.isNumber) {
                steps.append(step)
                step = ""
            } else {
                step.append(character)
            }
            previous = character
        }
        steps.append(step)
        return steps.flatMap(parts).map(trimmed).filter { !$0.isEmpty }.prefix(most).map { $0 }
    }

    private static func parts(_ step: String) -> [String] {
        guard !step.contains("\""), !step.contains("`") else { return [step] }
        return step.replacing(" and then ", with: "\n").replacing(" and ", with: "\n").split(separator: "\n").map(
            String.init)
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace || $0 == "," }
        return String(start.reversed().drop { $0.isWhitespace || $0 == "," }.reversed())
    }
}
