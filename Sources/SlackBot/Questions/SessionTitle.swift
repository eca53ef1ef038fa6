/// The title of a thread in the direct messages: the first words of the question that began it.
enum SessionTitle {
    /// Slack shows titles in a list; a session's has 200 characters at most.
    private static let longest = 60

    /// One line of at most 60 characters, cut after a word; nil for a question without words.
    static func text(_ question: String) -> String? {
        let words = question.split(whereSeparator: \.isWhitespace)
        guard let first = words.first else { return nil }
        let whole = words.joined(separator: " ")
        guard whole.count > longest else { return whole }
        var title = String(first.prefix(longest - 1))
        for word in words.dropFirst() {
            guard title.count + 1 + word.count < longest else { break }
            title += " \(word)"
        }
        return "\(title)…"
    }
}
