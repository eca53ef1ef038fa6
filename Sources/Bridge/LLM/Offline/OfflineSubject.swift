/// What a question about trouble is about: the service, host or database that it names.
struct OfflineSubject {
    /// The name as tools have it, or as it was asked; nil when the question names nothing.
    var text: String?
    /// The names of the same kind that tools have.
    let names: Set<String>
    /// Whether the question is about why this is in trouble, or whether it is.
    let isInTrouble: Bool

    /// - Parameters:
    ///   - symptoms: the stems of words such as "slow" and "failing".
    ///   - tools: the tools whose parameters may have the name as a value.
    init(of question: String, symptoms: Set<String>, tools: [ToolDefinition]) {
        let tokens = question.split(whereSeparator: \.isWhitespace).map(Self.bare)
        let content = tokens.indices.filter { Self.isContent(tokens[$0], symptoms) }
        let known = Self.known(content, tokens, tools)
        text = known?.name ?? content.first.map { tokens[$0] }
        names = known?.names ?? Self.options(of: Self.services, in: tools)
        let words = SearchTerms.words(question)
        let isStated = known.map { words.contains("wrong") || Self.isStated($0.index, tokens, content, symptoms) }
        isInTrouble = words.contains("why") || isStated == true
    }

    /// A name of the question that tools have, with its place and all names of its kind.
    private struct Known {
        let index: Int
        let name: String
        let names: Set<String>
    }

    private static func known(_ content: [Int], _ tokens: [String], _ tools: [ToolDefinition]) -> Known? {
        for kind in [services, others] {
            let names = options(of: kind, in: tools)
            for index in content {
                let asked = stems(tokens[index])
                if let name = names.sorted().first(where: { stems($0) == asked }) {
                    return Known(index: index, name: name, names: names)
                }
            }
        }
        return nil
    }

    /// The parameter of the tool that takes the name, and its value for it; nil when the tool has none.
    func argument(of tool: ToolDefinition) -> (name: String, value: JSONValue)? {
        guard let text else { return nil }
        let stems = Self.stems(text)
        let properties = (tool.inputSchema["properties"]?.object ?? [:]).elements.sorted { $0.key < $1.key }
        for kind in [Self.services, Self.others] {
            for (name, schema) in properties where Self.isNamed(name, kind) {
                let option = schema["enum"]?.array?.first { $0.string.map(Self.stems) == stems }
                if let option { return (name, option) }
            }
        }
        // A parameter without a list of values takes any name of a service.
        for (name, schema) in properties where Self.isNamed(name, Self.services) {
            if schema["enum"] == nil, schema["type"]?.string == "string" { return (name, .string(text)) }
        }
        return nil
    }

    /// Words in the names of parameters that take the name of a service.
    private static let services: Set<String> = ["service", "app", "application", "component", "system"]

    /// Words in the names of parameters that take the name of something else that may be in trouble.
    private static let others: Set<String> = [
        "database", "db", "table", "host", "node", "cluster", "queue", "topic", "endpoint", "team",
    ]

    /// Words that say nothing about what is in trouble, besides those of ``SearchTerms``.
    private static let fillers: Set<String> = [
        "again", "always", "been", "being", "currently", "feel", "feels", "getting", "go", "goes", "going", "gone",
        "got", "here", "keep", "keeps", "now", "often", "really", "right", "running", "seem", "seems", "service", "so",
        "still", "such", "suddenly", "take", "takes", "taking", "today", "too", "very", "went", "yesterday",
    ]

    /// Words with which a question asks for a list or an action instead.
    private static let requests: Set<String> = [
        "compare", "count", "explain", "find", "give", "how", "kill", "list", "restart", "search", "show", "tell",
        "what", "when", "where", "which", "who",
    ]

    /// Whether the first word with a meaning is the name, and the next one a symptom, as in "is checkout still slow".
    private static func isStated(
        _ index: Int, _ tokens: [String], _ content: [Int], _ symptoms: Set<String>
    ) -> Bool {
        guard content.first == index, let first = tokens.first, !requests.contains(first.lowercased()) else {
            return false
        }
        let next = tokens[(index + 1)...].first { token in
            !SearchTerms.words(token).allSatisfy { fillers.contains($0) || SearchTerms.of($0).isEmpty }
        }
        return next.map { !symptoms.isDisjoint(with: stems($0)) } ?? false
    }

    private static func isContent(_ token: String, _ symptoms: Set<String>) -> Bool {
        SearchTerms.words(token).contains { word in
            !fillers.contains(word) && !SearchTerms.of(word).isEmpty && !symptoms.contains(SearchTerms.stem(word))
        }
    }

    /// The token without punctuation around it and without "'s".
    private static func bare(_ token: Substring) -> String {
        let isPart = { (character: Character) in character.isLetter || character.isNumber }
        var text = token.drop { !isPart($0) }
        while let last = text.last, !isPart(last) { text.removeLast() }
        for ending in ["'s", "’s"] where text.hasSuffix(ending) { text.removeLast(ending.count) }
        return String(text)
    }

    private static func stems(_ text: String) -> [String] { SearchTerms.words(text).map(SearchTerms.stem) }

    private static func isNamed(_ parameter: String, _ kind: Set<String>) -> Bool {
        !kind.isDisjoint(with: stems(parameter))
    }

    private static func options(of kind: Set<String>, in tools: [ToolDefinition]) -> Set<String> {
        var options: Set<String> = []
        for tool in tools {
            for (name, schema) in tool.inputSchema["properties"]?.object ?? [:] where isNamed(name, kind) {
                options.formUnion((schema["enum"]?.array ?? []).compactMap(\.string))
            }
        }
        return options
    }
}
