/// Takes a question apart into what may be separate requests (decisions, section 7).
enum QuestionSplitter {
    static let most = 3

    /// At most three steps, in their order. Quoted text is never taken apart, nor is a word with a dot inside.
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

    /// The quote that is open after this character. A quote without an end is an apostrophe or a slip, and opens nothing.
    private static func quote(
        after character: Character, at index: Int, in text: [Character], open: Character?
    ) -> Character? {
        if let open { return character == open ? nil : open }
        guard "\"`'".contains(character), text[(index + 1)...].contains(character) else { return nil }
        return character == "'" && index > 0 && text[index - 1].isLetter ? nil : character
    }

    /// How many characters separate two steps here; nil when none does.
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
