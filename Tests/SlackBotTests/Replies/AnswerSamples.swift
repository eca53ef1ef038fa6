import TestKit

/// Answers as models write them, the same for the same seed: well-formed Markdown of every construct, in several
/// scripts, from one line to 40,000 characters.
struct AnswerSamples {
    private var random: SplitMix64
    private var number = 0

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    private static let words = [
        "latency", "**p99**", "`SELECT 1`", "*slow*", "服务器", "延迟", "שלום עולם", "مرحبا", "😀👩‍👩‍👧", "naïve", "~~old~~",
        "[wiki](https://wiki.acme.example/a_(b))", "https://acme.example/x?y=1", "@here", "<!channel>", "a|b", "3.14",
        "[acme.example](https://evil.example/x)", "snake_case", "ops@acme.example", "`@channel`", "2 * 3", "#4",
    ]

    /// The sample of a kind from 0 to 5.
    mutating func answer(_ kind: Int) -> String {
        switch kind {
        case 0: (0..<Int.random(in: 1...6, using: &random)).map { _ in block() }.joined(separator: "\n\n")
        case 1: table(rows: 1...30, columns: 1...6) + "\n\n" + text()
        case 2: table(rows: 90...140, columns: 1...24) + "\n\n" + table(rows: 1...5, columns: 2...3)
        case 3: nested(depth: Int.random(in: 1...6, using: &random))
        case 4: long(characters: 40_000)
        default: (0..<6).map { _ in table(rows: 1...4, columns: 2...4) + "\n\n" + text() }.joined(separator: "\n\n")
        }
    }

    private mutating func long(characters: Int) -> String {
        var blocks: [String] = []
        var count = 0
        while count < characters {
            let next = block()
            blocks.append(next)
            count += next.count + 2
        }
        return String(blocks.joined(separator: "\n\n").prefix(characters))
    }

    private mutating func block() -> String {
        switch Int.random(in: 0..<7, using: &random) {
        case 0: "## " + text()
        case 1: table(rows: 1...8, columns: 1...4)
        case 2: code(fence: "```")
        case 3: "````md\n" + code(fence: "```") + "\n````"
        case 4: nested(depth: 3)
        case 5: "> " + text() + "\n> \n> " + text()
        default: text()
        }
    }

    /// Words of which each has a number, so that a lost one is noticed.
    private mutating func text() -> String {
        (0..<Int.random(in: 1...60, using: &random)).map { _ in word() }.joined(separator: " ")
    }

    private mutating func word() -> String {
        number += 1
        return "\(Self.words.randomElement(using: &random) ?? "") w\(number)"
    }

    private mutating func code(fence: String) -> String {
        let lines = (0..<Int.random(in: 1...40, using: &random)).map { _ in "    run \(word())" }
        return (["\(fence)sh"] + lines + [fence]).joined(separator: "\n")
    }

    private mutating func nested(depth: Int) -> String {
        (0..<depth).flatMap { level -> [String] in
            let indent = String(repeating: "  ", count: level)
            return ["\(indent)- \(word())", "\(indent)  \(word())"]
        }.joined(separator: "\n")
    }

    private mutating func table(rows: ClosedRange<Int>, columns: ClosedRange<Int>) -> String {
        let columns = Int.random(in: columns, using: &random)
        let rows = Int.random(in: rows, using: &random)
        // Every tenth table has a row with a cell too many, as models sometimes write.
        let surplus = Int.random(in: 0..<10, using: &random) == 0 ? 1 : 0
        var lines = [row(columns), "|" + String(repeating: "---|", count: columns)]
        for _ in 1..<max(2, rows) { lines.append(row(columns)) }
        return (lines + [row(columns + surplus)]).joined(separator: "\n")
    }

    private mutating func row(_ columns: Int) -> String {
        "| " + (0..<columns).map { _ in word().replacing("a|b", with: "a\\|b") }.joined(separator: " | ") + " |"
    }
}
