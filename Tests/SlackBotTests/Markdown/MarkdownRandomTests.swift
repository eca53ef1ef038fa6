import TestKit
import Testing

@testable import SlackBot

/// Properties of all texts, checked on Markdown that is mostly malformed.
@Suite("Any Markdown for Slack", .timeLimit(.minutes(5)))
struct MarkdownRandomTests {
    private static func samples(_ seeds: Range<UInt64>, lines: ClosedRange<Int>) -> [(UInt64, String)] {
        seeds.map { seed in
            var samples = MarkdownSamples(seed: seed)
            return (seed, samples.markdown(lines: lines))
        }
    }

    @Test("nothing outside code and web addresses can notify a user")
    func harmless() {
        for (seed, markdown) in Self.samples(0..<1_000, lines: 1...12) {
            let shown = Markdown.forBlock(markdown)
            let found = MarkdownPings.found(in: shown)
            #expect(found.isEmpty, "seed \(seed): \(markdown.debugDescription) became \(shown.debugDescription)")
            let isStable = Markdown.harmless(shown) == shown
            #expect(isStable, "seed \(seed): \(shown.debugDescription)")
        }
    }

    @Test("breaking mentions changes nothing else, and nothing in code")
    func bytes() {
        for (seed, sample) in Self.samples(2_000..<2_600, lines: 1...12) {
            let markdown = sample.replacing("\u{200B}", with: "")
            let safe = Markdown.harmless(markdown)
            let isSame = Array(safe.replacing("\u{200B}", with: "").utf8) == Array(markdown.utf8)
            #expect(isSame, "seed \(seed): \(markdown.debugDescription) became \(safe.debugDescription)")
            // In a code span a bracket at the beginning of a line is broken all the same, as it could end the
            // paragraph.
            let isWhole = !(MarkdownDocument(safe)?.events ?? []).contains { event in
                event.isCodeBlock && event.text.contains("\u{200B}")
                    || event.kind == .code && event.text.contains("@\u{200B}")
            }
            #expect(isWhole, "seed \(seed): \(markdown.debugDescription) became \(safe.debugDescription)")
        }
    }

    @Test("no part is too long, no word is lost, and no part can notify a user")
    func parts() {
        for (seed, markdown) in Self.samples(5_000..<5_200, lines: 1...50) {
            var random = SplitMix64(seed: seed)
            let limit = Int.random(in: 90...500, using: &random)
            let text = Markdown.forBlock(markdown)
            let split = MarkdownParts.split(text, limit: limit)
            #expect(split.allSatisfy { $0.utf16.count <= limit }, "seed \(seed)")
            #expect(
                Self.isPreserved(text, in: split), "seed \(seed), limit \(limit): \(text.debugDescription) in \(split)")
            let parts = Markdown.parts(markdown, limit: limit)
            #expect(parts.allSatisfy { $0.utf16.count <= limit }, "seed \(seed)")
            #expect(
                Self.isPreserved(text, in: parts), "seed \(seed), limit \(limit): \(text.debugDescription) in \(split)")
            for (number, part) in parts.enumerated() {
                expectHarmless(part, "seed \(seed), limit \(limit), part \(number): \(part.debugDescription)")
            }
        }
    }

    /// Whether the parts are the text except for white space, invisible breaks, and at each cut a fence that is
    /// closed and one that is opened.
    private static func isPreserved(_ text: String, in parts: [String]) -> Bool {
        let whole = text.visible
        // The lengths of `whole` that the parts so far may cover; several when a line of code looks like a fence.
        var ends: Set = [0]
        for (number, part) in parts.enumerated() {
            // The part unchanged, without the fence that it opens, without the one that it closes, or without both.
            let lines = part.split(separator: "\n", omittingEmptySubsequences: false)
            let isOpened = number > 0 && lines[0].isFence
            let isClosed = number < parts.count - 1 && lines[lines.count - 1].isFence
            let readings = [
                part, isOpened ? lines.dropFirst().joined(separator: "\n") : nil,
                isClosed ? lines.dropLast().joined(separator: "\n") : nil,
                isOpened && isClosed ? lines.dropFirst().dropLast().joined(separator: "\n") : nil,
            ].compactMap { $0?.visible }
            ends = Set(
                ends.flatMap { end in
                    readings.filter { whole[end...].starts(with: $0) }.map { end + $0.count }
                })
        }
        return ends.contains(whole.count)
    }

    @Test("plain text has all words, and of Slack's tags only links")
    func mrkdwn() {
        for (seed, markdown) in Self.samples(8_000..<8_600, lines: 1...12) {
            let shown = Markdown.asMrkdwn(markdown)
            #expect(!shown.contains("<!") && !shown.contains("<@") && !shown.contains("<#"), "seed \(seed)")
            guard let document = MarkdownDocument(markdown) else { continue }
            let words = document.events.filter { $0.kind == .text || $0.kind == .code || $0.isCodeBlock }
                .flatMap { $0.text.unicodeScalars.filter { $0.properties.isAlphabetic } }
            var rest = words[...]
            for scalar in shown.unicodeScalars where scalar == rest.first { rest.removeFirst() }
            #expect(rest.isEmpty, "seed \(seed): \(markdown.debugDescription) became \(shown.debugDescription)")
        }
    }

    @Test(
        "no text takes long, however deeply nested or long it is",
        arguments: [
            ">", "[", "*", "> ", "- ", "1. ", "![", "`", "<", "<!", "@here ", "|", "a@b.", "_a ", "**a", "~", "](",
            "\\", "&",
            "http://b.example/", "<!--", "|a", "- a\n", "|a\n|-\n", "> a\n", "\n", "```\n", " ", "\t", "a", "é",
            "<@U1>", "`@here",
            "[a](b)", "<a ", "a\n\n", "# a\n", "[a]: b\n",
        ])
    func bounded(_ pattern: String) {
        let text = String(repeating: pattern, count: 100_000 / pattern.utf8.count)
        let clock = ContinuousClock()
        let time = clock.measure {
            let parts = Markdown.parts(text)
            #expect(parts.allSatisfy { $0.utf16.count <= MarkdownParts.limit })
            _ = Markdown.asMrkdwn(text)
        }
        #expect(time < .seconds(15), "\(pattern.debugDescription) took \(time)")
    }

    @Test("a table of many columns and short rows uses bounded memory")
    func wideTable() {
        let head = String(repeating: "|a", count: 5_000) + "|\n" + String(repeating: "|-", count: 5_000) + "|\n"
        let text = head + String(repeating: "|\n", count: 20_000)
        #expect(Markdown.forBlock(text) == text)
    }
}

extension MarkdownEvent {
    fileprivate var isCodeBlock: Bool { if case .codeBlock = kind { true } else { false } }
}

extension StringProtocol {
    fileprivate var visible: [Unicode.Scalar] {
        unicodeScalars.filter { !$0.properties.isWhitespace && $0 != "\u{200B}" && $0 != ">" }
    }

    fileprivate var isFence: Bool {
        let marks = drop { " \t>".contains($0) }
        return marks.hasPrefix("```") || marks.hasPrefix("~~~")
    }
}
