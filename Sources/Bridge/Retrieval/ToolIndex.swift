import Foundation

/// Finds tools by words: BM25 (Robertson and Zaragoza 2009) over names, titles, descriptions and parameters. A value
/// built once from a list of tools; the same tools and text give the same order.
package struct ToolIndex: Sendable {
    /// A tool and how well it fits; 0 is not at all, scores of one index compare with each other.
    package struct Match: Sendable, Hashable {
        package let tool: ToolDefinition
        package let score: Double
        /// How many different terms of the text occur in the tool.
        package let terms: Int
    }

    private let tools: [ToolDefinition]
    /// For each term the documents that have it, with its weight there.
    private let postings: [String: [(document: Int, weight: Double)]]
    private let lengths: [Double]
    /// The terms of each tool's name.
    private let names: [Set<String>]
    private let averageLength: Double

    private static let unseen = 20
    private static let saturation = 1.2
    private static let lengthEffect = 0.6
    private static let nameEffect = 1.0
    /// A word in a name says more than one in a description.
    private static let weights = (name: 3.0, title: 2.0, description: 1.0, parameter: 0.7)

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

    /// The best tools for a text, best first; ties by name. Tools without a common word are left out.
    package func search(_ text: String, limit: Int) -> [Match] {
        var scores: [Int: (score: Double, terms: Int)] = [:]
        // In a fixed order: a sum of fractions depends on it.
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

    /// A tool whose whole name was said fits better than one of whose name only a part was.
    private func named(_ document: Int, by asked: Set<String>) -> Double {
        let name = names[document]
        guard !name.isEmpty else { return 1 }
        return 1 + Self.nameEffect * Double(name.intersection(asked).count) / Double(name.count)
    }

    /// As if twenty more tools were there that lack the term: else the words of a small catalogue would count for nothing,
    /// and a score would mean something else in each catalogue.
    private func rarity(inDocuments count: Int) -> Double {
        let without = Double(tools.count + Self.unseen - count) + 0.5
        let with = Double(count) + 0.5
        return log(1 + without / with)
    }

    /// The tenth occurrence says less than the first, and less in a long text than in a short one.
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
