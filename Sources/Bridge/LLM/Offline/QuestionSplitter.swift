/// Splits a question into steps that may be separate requests.
enum QuestionSplitter {
    /// The most steps; further ones are dropped.
    static let most = 3

    /// The first steps in their order, split at `;`, `?`, line feeds, the ends of sentences, "and then" and "and".
    /// Quoted text and words with a dot inside are not split.
    static func split(_ text: String) -> [String] {
        let characters = Array(text)
        var steps: [String] = []
        var step = ""
        var quote: Character?
        var index = 0
        while index < characters.count {
            let character = characters[index]
            quote = Self.quote(after: character, at: index, in: characters, open: quote)
            if quote == nil, let length = separator(at: index, in: characters) {
                steps.append(step)
                step = ""
                index += length
            } else {
                step.append(character)
                index += 1
            }
        }
        steps.append(step)
        return steps.map(trimmed).filter { !$0.isEmpty }.prefix(most).map { $0 }
    }

    /// The quotation mark that is open after this character. A mark without a second one opens nothing, nor does an
    /// apostrophe after a letter.
    private static func quote(
        after character: Character, at index: Int, in text: [Character], open: Character?
    ) -> Character? {
        if let open { return character == open ? nil : open }
        guard "\"`'".contains(character), text[(index + 1)...].contains(character) else { return nil }
        return character == "'" && index > 0 && text[index - 1].isLetter ? nil : character
    }

    /// The length of the separator at `index`; nil when there is none.
    private static func separator(at index: Int, in text: [Character]) -> Int? {
        if ";?\n".contains(text[index]) { return 1 }
        if text[index] == "." { return index + 1 == text.count || text[index + 1].isWhitespace ? 1 : nil }
        return [" and then ", " and "].first { word in
            text[index...].prefix(word.count).map { $0.lowercased() } == word.map(String.init)
        }?.count
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace || $0 == "," }
        return String(start.reversed().drop { $0.isWhitespace || $0 == "," }.reversed())
    }
}
