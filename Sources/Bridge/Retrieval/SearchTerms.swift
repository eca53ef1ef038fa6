/// The words of a text as retrieval compares them: lower case, identifiers taken apart, endings cut, fillers dropped.
package enum SearchTerms {
    package static func of(_ text: String) -> [String] {
        words(text).filter { !fillers.contains($0) }.map(stem)
    }

    /// `getTopQueries`, `get_top_queries` and `get top queries` have the same words.
    static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for character in text {
            let isPart = character.isLetter || character.isNumber
            if !isPart || (character.isUppercase && wasLower), !word.isEmpty {
                words.append(word)
                word = ""
            }
            if isPart { word += character.lowercased() }
            wasLower = character.isLowercase || character.isNumber
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// Enough of Porter's idea that singular and plural, `deploy` and `deployments` meet; never below three letters.
    static func stem(_ word: String) -> String {
        for (ending, replacement) in endings where word.hasSuffix(ending) {
            let root = word.dropLast(ending.count)
            if root.count >= 3 { return root + replacement }
        }
        return word
    }

    private static let endings = [
        ("ments", ""), ("ment", ""), ("ations", "at"), ("ation", "at"), ("ings", ""), ("ing", ""), ("ies", "y"),
        ("sses", "ss"), ("ches", "ch"), ("xes", "x"), ("ed", ""), ("thy", "th"), ("ss", "ss"), ("us", "us"), ("s", ""),
    ]

    private static let fillers: Set<String> = [
        "a", "all", "an", "and", "are", "as", "at", "be", "by", "can", "could", "did", "do", "does", "for", "from",
        "get",
        "give", "had", "has", "have", "how", "i", "in", "is", "it", "its", "list", "me", "my", "of", "on", "or", "our",
        "please", "show", "tell", "that", "the", "their", "them", "then", "there", "these", "this", "to", "us", "was",
        "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your",
    ]
}
