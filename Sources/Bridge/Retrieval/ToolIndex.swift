import Foundation

/// Full-text search for tools: BM25 (Robertson and Zaragoza 2009) over names, titles, descriptions and parameters,
/// built once from a list of tools. Deterministic: the same tools and text return the same matches in the same order.
package struct ToolIndex: Sendable {
    /// A tool and its score: above 0, comparable between matches of one index.
    package struct Match: Sendable, Hashable {
        package let tool: ToolDefinition
        package let score: Double
        /// The number of distinct terms of the text that occur in the tool.
        package let terms: Int
    }

    private let tools: [ToolDefinition]
    /// By term: the indices of the tools that contain it, with its weight in each.
    private let postings: [String: [(document: Int, weight: Double)]]
    /// For each tool the sum of its weights.
    private let lengths: [Double]
    /// The terms of each tool's name.
    private let names: [Set<String>]
    private let averageLength: Double

    /// The number of assumed further tools, see ``rarity(inDocuments:)``.
    private static let unseen = 20
    /// BM25's k1.
    private static let saturation = 1.2
    /// BM25's b.
    private static let lengthEffect = 0.6
    /// A tool whose whole name occurs in the text has its score multiplied by 1 + this.
    private static let nameEffect = 1.0
    /// The weight of a term by the field in which it occurs.
    private static let weights = (name: 3.0, title: 2.0, description: 1.0, parameter: 0.7)

    /// Indexes the tools.
    package init(_ tools: [ToolDefinition]) {
        self.tools = tools
        var postings: [String: [(document: Int, weight: Double)]] = [:]
        var lengths: [Double] = []
        for (document, tool) in tools.enumerated() {
            let terms = Self.terms(of: tool)
            lengths.append(terms.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value })
            for (term, weight) in terms { postings[term, default: []].append((document, weight)) }
        }
        self.postings = postings
        self.lengths = lengths
        names = tools.map { Set(SearchTerms.of($0.name.tool)) }
        averageLength = max(1, lengths.reduce(0, +) / Double(max(1, lengths.count)))
    }

    /// At most `limit` tools that share a term with the text, by descending score; equal scores by name.
    package func search(_ text: String, limit: Int) -> [Match] {
        var scores: [Int: (score: Double, terms: Int)] = [:]
        // In a fixed order, because the sum of floating-point numbers depends on it.
        let asked = Set(SearchTerms.of(text))
        for term in asked.sorted() {
            guard let found = postings[term] else { continue }
            let rarity = rarity(inDocuments: found.count)
            for (document, weight) in found {
                scores[document, default: (0, 0)].score += rarity * saturated(weight, length: lengths[document])
                scores[document, default: (0, 0)].terms += 1
            }
        }
        return scores.map { document, found in
            Match(tool: tools[document], score: found.score * named(document, by: asked), terms: found.terms)
        }
        .sorted { ($1.score, $0.tool.name) < ($0.score, $1.tool.name) }
        .prefix(limit).map { $0 }
    }

    /// The factor of a score, from 1 to 1 + ``nameEffect``, by the share of the name's terms that occur in the text.
    private func named(_ document: Int, by asked: Set<String>) -> Double {
        let name = names[document]
        guard !name.isEmpty else { return 1 }
        return 1 + Self.nameEffect * Double(name.intersection(asked).count) / Double(name.count)
    }

    /// BM25's inverse document frequency, computed as if there were ``unseen`` more tools without the term. Otherwise
    /// it would be near 0 for the terms of a small catalogue, and scores would depend more on the catalogue's size.
    private func rarity(inDocuments count: Int) -> Double {
        let without = Double(tools.count + Self.unseen - count) + 0.5
        let with = Double(count) + 0.5
        return log(1 + without / with)
    }

    /// BM25's term frequency: grows less with each occurrence, and less in a long text than in a short one.
    private func saturated(_ weight: Double, length: Double) -> Double {
        let relative = 1 - Self.lengthEffect + Self.lengthEffect * length / averageLength
        return weight * (Self.saturation + 1) / (weight + Self.saturation * relative)
    }

    private static func terms(of tool: ToolDefinition) -> [String: Double] {
        var terms: [String: Double] = [:]
        func add(_ text: String, _ weight: Double) {
            for term in SearchTerms.of(text) { terms[term, default: 0] += weight }
        }
        add(tool.name.tool, weights.name)
        add(tool.title ?? "", weights.title)
        add(tool.description, weights.description)
        for (name, schema) in tool.inputSchema["properties"]?.object ?? [:] {
            add(name, weights.parameter)
            add(schema["description"]?.string ?? "", weights.parameter / 2)
            for option in schema["enum"]?.array ?? [] { add(option.string ?? "", weights.parameter) }
        }
        return terms
    }
}
