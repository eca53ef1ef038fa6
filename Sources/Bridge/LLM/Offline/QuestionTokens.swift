/// The words of a question, of which each is used once.
struct QuestionTokens {
    private struct Word {
        let text: String
        let isQuoted: Bool
        var isTaken = false
        var lower: String { text.lowercased() }
        var stem: String { SearchTerms.stem(lower) }
    }

    private var words: [Word] = []

    /// Seconds of the units of time that parameters and people use.
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

    /// The first word, or run of words, that names one of the options.
    mutating func takeOption(of options: [JSONValue]) -> JSONValue? {
        let named = options.compactMap { option in
            option.string.map { (option: option, stems: SearchTerms.words($0).map(SearchTerms.stem)) }
        }.sorted { $0.stems.count > $1.stems.count }
        // "Search the logs of checkout": what `of` points at is meant, not the verb that a service is called as well.
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

    /// The words from `start` on that together are these stems: `idle in transaction` is three words, `rolled_back` is
    /// one or two.
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

    /// The number next to a word of the parameter's name, in its unit when it is a time; else for a limit the first
    /// number after `top` or `last` that counts no time; else, when there must be one, the first number at all.
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

    private func unitSeconds(after index: Int) -> Double? {
        index + 1 < words.count ? Self.seconds[words[index + 1].stem] : nil
    }

    mutating func takeDate() -> String? {
        guard
            let index = words.indices.first(where: {
                !words[$0].isTaken && words[$0].text.wholeMatch(of: /\d{4}-\d\d-\d\d(T[\d:.]+Z?)?/) != nil
            })
        else { return nil }
        words[index].isTaken = true
        return words[index].text
    }

    /// Quoted text, else the word after the parameter's name, else, when it must have one, the word after `for`, `of`,
    /// `on`, `in` or `about`.
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

    /// A filler is nobody's value.
    private func isValue(_ index: Int) -> Bool { !SearchTerms.of(words[index].text).isEmpty }
}
