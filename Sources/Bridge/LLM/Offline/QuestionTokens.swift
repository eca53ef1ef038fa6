/// The words of a question. The `take` functions find values and mark their words, so that each is used once.
struct QuestionTokens {
    private struct Word {
        let text: String
        let isQuoted: Bool
        var isTaken = false
        var lower: String { text.lowercased() }
        var stem: String { SearchTerms.stem(lower) }
    }

    private var words: [Word] = []

    /// Length in seconds of the units of time that parameter names and questions contain.
    private static let seconds = ["second": 1.0, "minute": 60, "hour": 3600, "day": 86400, "week": 604_800]
    private static let quotes = "\"`'"
    private static let separators = ",;?!()=:\"`"

    init(_ text: String) {
        var rest = text[...]
        while let character = rest.first {
            if Self.quotes.contains(character), let end = rest.dropFirst().firstIndex(of: character) {
                words.append(Word(text: String(rest[rest.index(after: rest.startIndex)..<end]), isQuoted: true))
                rest = rest[rest.index(after: end)...]
            } else if character.isWhitespace || Self.separators.contains(character) || character == "'" {
                rest.removeFirst()
            } else {
                let word = rest.prefix { !$0.isWhitespace && !Self.separators.contains($0) }
                rest = rest[word.endIndex...]
                words.append(Word(text: word.hasSuffix(".") ? String(word.dropLast()) : String(word), isQuoted: false))
            }
        }
    }

    /// The option that a word, or several in sequence, name; nil when there is none. Words after "of", "for", "on" and
    /// "in" take precedence, then the order of the question; of two options with the same beginning the longer one
    /// wins.
    mutating func takeOption(of options: [JSONValue]) -> JSONValue? {
        let named = options.compactMap { option in
            option.string.map { (option: option, stems: SearchTerms.words($0).map(SearchTerms.stem)) }
        }.sorted { $0.stems.count > $1.stems.count }
        // "Search the logs of checkout" means the service checkout, even if a service is named search.
        let pointed = words.indices.filter { $0 > 0 && ["of", "for", "on", "in"].contains(words[$0 - 1].lower) }
        for index in pointed + words.indices {
            for (option, stems) in named where !stems.isEmpty {
                guard let range = run(of: stems, from: index) else { continue }
                for index in range { words[index].isTaken = true }
                return option
            }
        }
        return nil
    }

    /// The range of the words from `start` on whose stems are exactly these; nil when they differ. One word may have
    /// several stems: `rolled_back` matches one word or two.
    private func run(of stems: [String], from start: Int) -> ClosedRange<Int>? {
        var found: [String] = []
        for index in start..<words.count {
            guard !words[index].isTaken else { return nil }
            found += SearchTerms.words(words[index].text).map(SearchTerms.stem)
            if found == stems { return start...index }
            if found.count >= stems.count { return nil }
        }
        return nil
    }

    /// The number for a parameter; nil when there is none. If the name contains a unit of time: the first number with a
    /// unit of time after it, converted to that of the name. Else, of the numbers without such a unit, the first one
    /// next to a word of the name, or for a limit after "top", "first", "last" or "newest"; if there is none and the
    /// parameter is required, the first one.
    mutating func takeNumber(near name: String, isRequired: Bool) -> Double? {
        let names = Set(SearchTerms.words(name).map(SearchTerms.stem))
        let numbers = words.indices.filter { !words[$0].isTaken && Double(words[$0].text) != nil }
        if let unit = names.compactMap({ Self.seconds[$0] }).first {
            guard let index = numbers.first(where: { unitSeconds(after: $0) != nil }),
                let asked = unitSeconds(after: index)
            else { return nil }
            words[index].isTaken = true
            return Double(words[index].text).map { $0 * asked / unit }
        }
        let counts = numbers.filter { unitSeconds(after: $0) == nil }
        let isLimit = !names.isDisjoint(with: ["limit", "n", "count"])
        let leaders = isLimit ? names.union(["top", "first", "last", "newest"]) : names
        let near = counts.first { index in
            (index > 0 && leaders.contains(words[index - 1].stem))
                || (index + 1 < words.count && names.contains(words[index + 1].stem))
        }
        guard let index = near ?? (isRequired ? counts.first : nil) else { return nil }
        words[index].isTaken = true
        return Double(words[index].text)
    }

    /// The length in seconds of the unit of time that follows; nil when none does.
    private func unitSeconds(after index: Int) -> Double? {
        index + 1 < words.count ? Self.seconds[words[index + 1].stem] : nil
    }

    /// The first date `yyyy-mm-dd`, with or without a time; nil when there is none.
    mutating func takeDate() -> String? {
        guard
            let index = words.indices.first(where: {
                !words[$0].isTaken && words[$0].text.wholeMatch(of: /\d{4}-\d\d-\d\d(T[\d:.]+Z?)?/) != nil
            })
        else { return nil }
        words[index].isTaken = true
        return words[index].text
    }

    /// Quoted text, else the word after a word of the parameter's name, else, if the parameter is required, the word
    /// after "for", "of", "on", "in" or "about"; nil when there is none.
    mutating func takeText(after name: String, isRequired: Bool) -> String? {
        let names = Set(SearchTerms.words(name).map(SearchTerms.stem))
        let free = words.indices.filter { !words[$0].isTaken && Double(words[$0].text) == nil }
        let quoted = free.first { words[$0].isQuoted }
        let named = free.first { $0 > 0 && names.contains(words[$0 - 1].stem) && isValue($0) }
        let pointed = free.first {
            $0 > 0 && ["for", "of", "on", "in", "about"].contains(words[$0 - 1].lower) && isValue($0)
        }
        guard let index = quoted ?? named ?? (isRequired ? pointed : nil) else { return nil }
        words[index].isTaken = true
        return words[index].text
    }

    /// Whether the word is more than a stop word.
    private func isValue(_ index: Int) -> Bool { !SearchTerms.of(words[index].text).isEmpty }
}
