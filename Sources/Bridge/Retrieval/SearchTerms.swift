/// Splits a text into the terms that retrieval compares: lower-case words, with identifiers split, suffixes removed and
/// stop words dropped.
package enum SearchTerms {
    /// The terms of the text in their order, with repetitions.
    package static func of(_ text: String) -> [String] {
        words(text).filter { !fillers.contains($0) }.map(stem)
    }

    /// The lower-case words of the text. `getTopQueries`, `get_top_queries` and `get top queries` have the same words.
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

    /// The word without its suffix, a small part of Porter's algorithm: singular and plural, `deploy` and `deployments`
    /// have the same stem. A suffix is removed only if at least three letters remain.
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
