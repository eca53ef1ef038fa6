import Testing

@testable import SlackBot

@Suite("Markdown for Slack")
struct MarkdownTests {
    @Test("nothing that a model writes can notify anybody, and the words stay readable")
    func harmless() {
        let text = Markdown.harmless("<!channel> <@U1> @here, @everyone and ana@channel.example <#C1>")
        for ping in ["<!channel>", "<@U1>", "@here", "@everyone", "<#C1>"] { #expect(!text.contains(ping)) }
        #expect(text.contains("ana@channel.example"))
        #expect(
            text.replacing("\u{200B}", with: "") == "<!channel> <@U1> @here, @everyone and ana@channel.example <#C1>")
    }

    @Test("a table becomes code with aligned columns; pipes in text and in code stay")
    func tables() {
        let drawn = Markdown.forBlock("| a | bb |\n|---|:-:|\n| 1 | x\\|y |\n\nthis | that\n```\n| a |\n|---|\n```")
        #expect(drawn == "```\na | bb\n--|----\n1 | x|y\n```\n\nthis | that\n```\n| a |\n|---|\n```")
    }

    @Test("long text is cut into parts that fit, and not a line is lost")
    func parts() {
        for seed in UInt64(0)..<50 {
            var random = SplitMix(state: seed)
            let lines = (0..<Int.random(in: 1...200, using: &random)).map { number in
                number % 7 == 3
                    ? "" : "line \(number) " + String(repeating: "word ", count: Int.random(in: 0...30, using: &random))
            }
            let parts = MarkdownParts.split(lines.joined(separator: "\n"), limit: 700)
            #expect(parts.allSatisfy { $0.count <= 700 }, "seed \(seed)")
            let found = parts.flatMap { $0.split(separator: "\n") }.map(String.init)
            #expect(found == lines.filter { !$0.isEmpty }, "seed \(seed)")
        }
    }

    /// The same numbers in every run of a seed.
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test("a code fence that is cut is closed and opened again, with its language")
    func fences() {
        let code = (0..<100).map { "row \($0)" }
        let parts = MarkdownParts.split("before\n```sql\n\(code.joined(separator: "\n"))\n```\nafter", limit: 300)
        #expect(parts.count > 2)
        for part in parts { #expect(part.split(separator: "\n").count { $0.hasPrefix("```") }.isMultiple(of: 2)) }
        for part in parts.dropFirst().dropLast() { #expect(part.hasPrefix("```sql\n")) }
        let rows = parts.flatMap { $0.split(separator: "\n") }.filter { $0.hasPrefix("row") }.map(String.init)
        #expect(rows == code)
    }

    @Test("one line without an end is cut between words, or anywhere, without loss")
    func longLine() {
        let words = (0..<900).map { "w\($0)" }.joined(separator: " ")
        // A cut inside one line is a line break more, and nothing less.
        #expect(MarkdownParts.split(words, limit: 500).joined().replacing("\n", with: "") == words)
        let solid = String(repeating: "é😀", count: 2_000)
        let parts = MarkdownParts.split(solid, limit: 500)
        #expect(parts.joined().replacing("\n", with: "") == solid)
        #expect(parts.allSatisfy { $0.count <= 500 })
    }

    @Test(
        "headings, items, quotes, bold and links are read as people write them, and nothing else is",
        arguments: [
            ("## A **b** c ##", "*A b c*"), ("# #", "*#*"), ("###", "###"), ("#hash", "#hash"),
            ("####### x", "####### x"),
            ("  - a", "  • a"), ("* b **c**", "• b *c*"), ("-x", "-x"), ("- ", "- "), ("> said", "> said"),
            (">said", "> said"), ("**a** and **b", "*a* and **b"), ("****", "****"), ("*****", "***"),
            ("2 ** 3 ** 4", "2 * 3 * 4"), ("[a](https://b.example) [c] (d)", "<https://b.example|a> [c] (d)"),
            ("[a](ftp://b) [](http://c)", "[a](ftp://b) [](http://c)"), ("[a [b](http://c)", "<http://c|a [b>"),
            ("[a](http:) [b](https://c d)", "[a](http:) [b](https://c d)"), ("[a](https://b|c)", "[a](https://b|c)"),
        ])
    func lines(_ markdown: String, _ expected: String) {
        #expect(Markdown.asMrkdwn(markdown) == expected)
    }

    @Test("plain text is escaped in Slack's way")
    func mrkdwn() {
        let text = Markdown.asMrkdwn("# Top & more\n- **a** <b>\n[x](https://a.example/?q=1&r=2)\n```\n**raw** &\n```")
        #expect(
            text
                == "*Top &amp; more*\n• *a* &lt;b&gt;\n<https://a.example/?q=1&amp;r=2|x>\n```\n**raw** &amp;\n```")
    }
}
