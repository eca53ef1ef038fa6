import TestKit
import Testing

@testable import SlackBot

@Suite("Markdown for Slack")
struct MarkdownTests {
    @Test("nothing that a model writes can notify a user, and the text stays readable")
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

    @Test("long text is split into parts within the limit, and no line is lost")
    func parts() {
        for seed in UInt64(0)..<50 {
            var random = SplitMix64(seed: seed)
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

    @Test("one long line is cut between words, or anywhere, without loss")
    func longLine() {
        let words = (0..<900).map { "w\($0)" }.joined(separator: " ")
        // A cut inside a line adds a line break and removes nothing.
        #expect(MarkdownParts.split(words, limit: 500).joined().replacing("\n", with: "") == words)
        let solid = String(repeating: "é😀", count: 2_000)
        let parts = MarkdownParts.split(solid, limit: 500)
        #expect(parts.joined().replacing("\n", with: "") == solid)
        #expect(parts.allSatisfy { $0.count <= 500 })
    }

    @Test(
        "headings, items, quotes, emphasis and links are read as in CommonMark",
        arguments: [
            ("## A **b** c ##", "*A b c*"), ("# *a* `b`", "*_a_ `b`*"), ("# #\n\nx", "\n\nx"), ("#hash", "#hash"),
            ("####### x", "####### x"), ("Title\n===\ntext", "*Title*\ntext"),
            ("  - a", "• a"), ("* b **c**", "• b *c*"), ("-x", "-x"), ("- ", "•"), ("- [ ] a\n- [x] b", "• ☐ a\n• ☑ b"),
            ("> said", "> said"), (">said\nmore", "> said\n> more"), ("> a\n>\n> b\n\nc", "> a\n>\n> b\n\nc"),
            ("**a** and **b", "*a* and **b"), ("*soft* _too_", "_soft_ _too_"), ("~~gone~~", "~gone~"),
            ("***both***", "_*both*_"), ("**a\nb**", "*a*\n*b*"), ("****", "---"), ("2 ** 3 ** 4", "2 ** 3 ** 4"),
            ("snake_case_name and 2*3*4", "snake_case_name and 2_3_4"),
            ("\\*plain\\* &amp; a &lt;", "*plain* &amp; a &lt;"),
            ("a  \nb\\\nc", "a\nb\nc"), ("a\n\n\n\nb", "a\n\nb"), ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
            ("<div>\nx & y\n</div>", "&lt;div&gt;\nx &amp; y\n&lt;/div&gt;"), ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ])
    func lines(_ markdown: String, _ expected: String) {
        let shown = Markdown.asMrkdwn(markdown)
        #expect(shown == expected || shown == expected.trimmingSpace)
    }

    @Test(
        "links keep their whole address, and only web and mail addresses become links",
        arguments: [
            ("[a](https://b.example) [c] (d)", "<https://b.example|a> [c] (d)"),
            ("[a](https://b.example/c_(d)) e", "<https://b.example/c_(d)|a> e"),
            ("see https://b.example/c_(d), ok", "see <https://b.example/c_(d)>, ok"),
            ("<https://b.example/_c_>", "<https://b.example/_c_>"),
            ("[**a** `b`](https://b.example)", "<https://b.example|a b>"),
            ("**[a](https://b.example)**", "*<https://b.example|a>*"),
            ("a@b.example", "<mailto:a@b.example|a@b.example>"),
            ("[a](https://b.example/?q=1&r=<2)", "<https://b.example/?q=1&amp;r=%3C2|a>"),
            ("[a](https://b.example/c|d)", "<https://b.example/c%7Cd|a>"),
            ("[a](<https://b.example/c d>)", "<https://b.example/c%20d|a>"),
            ("[a](ftp://b.example) [](http://c)", "a (ftp://b.example) <http://c>"),
            ("[a](javascript:x)", "a (javascript:x)"),
            ("[a [b](http://c)", "[a <http://c|b>"), ("[a](http:) [b](https://c d)", "a (http:) [b](<https://c> d)"),
            ("![chart](https://b.example/c.png)", "<https://b.example/c.png|chart>"),
            ("[a](#top) [b](c.md)", "a (#top) b (c.md)"),
            ("[a][1]\n\n[1]: https://b.example", "<https://b.example|a>"),
            ("[1]: https://b.example", "[1]: https://b.example"),
        ])
    func links(_ markdown: String, _ expected: String) {
        #expect(Markdown.asMrkdwn(markdown) == expected)
    }

    @Test(
        "code is unchanged, whatever its fence and content",
        arguments: [
            ("`a *b* <c>`", "`a *b* &lt;c&gt;`"), ("``a`b``", "```a`b```"), ("`` `a` ``", "``` `a` ```"),
            ("```js\nlet a = `b`\n```", "```\nlet a = `b`\n```"),
            ("~~~ js\n```js\n~~~\nx", "```\n`\u{200B}`\u{200B}`js\n```\nx"),
            ("````\n```js\n*a*\n```\n````\n*b*", "```\n`\u{200B}`\u{200B}`js\n*a*\n`\u{200B}`\u{200B}`\n```\n_b_"),
            ("```\n```js\n*a*\n```\n*b*", "```\n`\u{200B}`\u{200B}`js\n*a*\n```\n_b_"),
            ("    a\n\n    b\n\nc", "```\na\n\nb\n```\n\nc"), ("```\nopen", "```\nopen\n```"), ("```\n```", "```\n```"),
            ("- a\n\n  ```js\n    x\n  ```\n- b", "• a\n\n```\n  x\n```\n• b"),
            ("> ```\n> a\n> ```", "> ```\n> a\n> ```"),
        ])
    func code(_ markdown: String, _ expected: String) {
        #expect(Markdown.asMrkdwn(markdown) == expected)
    }

    @Test("lists keep their numbers and their nesting")
    func lists() {
        let markdown = "3. a\n   more\n4. b\n   - c\n     - d\n\n   text\n5. e\n\nend"
        #expect(
            Markdown.asMrkdwn(markdown)
                == "3. a\n    more\n4. b\n    • c\n        • d\n\n    text\n5. e\n\nend")
    }

    @Test("a table in plain text becomes code, without its markup")
    func plainTable() {
        let shown = Markdown.asMrkdwn("Costs:\n\n| **a** | b |\n|---|---|\n| `x` | [l](https://b.example) |\n\nend")
        #expect(
            shown == "Costs:\n\n```\na | b\n--|----------------------\nx | l (https://b.example)\n```\n\nend")
    }

    @Test("plain text is escaped in Slack's way")
    func mrkdwn() {
        let text = Markdown.asMrkdwn("# Top & more\n- **a** <b>\n[x](https://a.example/?q=1&r=2)\n```\n**raw** &\n```")
        #expect(
            text
                == "*Top &amp; more*\n• *a* &lt;b&gt;\n    <https://a.example/?q=1&amp;r=2|x>\n```\n**raw** &amp;\n```")
    }

    @Test(
        "code and web addresses are unchanged",
        arguments: [
            "```\nnpm i @here/x\n<!channel>\n```", "`npm i @here/x` and `<@U1>`", "~~~ sh\n@everyone\n~~~",
            "````\n```js\n@here\n```\n@here\n````", "- a\n\n  ```\n  <!here>\n  ```", "> `@here`", "    <!channel>",
            "``a ` @here``", "[a](https://b.example/@here/x)", "<https://b.example/@here>",
            "see https://b.example/@channel/x",
            "```\n@here", "ana@here.example", "| `@here` |", "`a\n@here`", "a & b < c @ d # e",
        ])
    func untouched(_ markdown: String) {
        #expect(Markdown.forBlock(markdown) == markdown)
    }

    @Test(
        "outside code each mention is broken, however it is written",
        arguments: [
            "@here", "(@channel)", "**@everyone**", "@Here", "<!channel>", "<!here|here>", "<@U1>", "<#C1>",
            "<!subteam^S1>", "# @here", "[@here](https://b.example)", "[a](https://b.example \"@here\")",
            "[a](<!channel>)",
            "\\@here", "&#64;here", "&commat;here", "<\\!channel>", "\\<!channel>", "&lt;!channel&gt;", "&#x3C;@U1>",
            "\\`@here\\`", "`@here", "<a href=\"@here\">", "<div>\n<!channel>\n</div>", "``` @here\nx\n```", "``@here`",
            "| a |\n|---|\n| @here |", "```\nx\n```\n@here", "> a\n@here", "<!-- ` --> `@here` @here `",
            "<!--\n```\n-->\n@here",
            "x\n    @here", "https://b.example\u{A0}@here", "[x]: @here", "1. a\n\n   @here", "\u{F0000}@here",
            "@here `@here`\n\n@here",
        ])
    func broken(_ markdown: String) {
        expectHarmless(Markdown.forBlock(markdown), "\(markdown)")
        let shown = Markdown.asMrkdwn(markdown)
        for ping in ["<!", "<@", "<#"] { #expect(!shown.contains(ping)) }
    }

    @Test("in plain text code is unchanged, and mentions in other text are broken")
    func plainMentions() {
        #expect(Markdown.asMrkdwn("`@here` @here # @**here**") == "`@here` @\u{200B}here # @*here*")
        #expect(Markdown.asMrkdwn("# @**here**") == "*@\u{200B}here*")
        #expect(Markdown.asMrkdwn("&#64;here https://b.example/@here") == "@\u{200B}here <https://b.example/@here>")
    }

    @Test("tables in quotes and items are converted, with the text before them")
    func nestedTables() {
        #expect(
            Markdown.forBlock("- x\n  | a | b |\n  |---|---|\n  | 1 | 2 |\n- y")
                == "- x\n  ```\n  a | b\n  --|--\n  1 | 2\n  ```\n- y")
        #expect(
            Markdown.forBlock("> - | a |\n>   |---|\n>   | `c` |\n\nx") == "> - ```\n>   a\n>   -\n>   c\n>   ```\n\nx")
        #expect(Markdown.forBlock("text\nmore\n| a |\n|---|\n| b |") == "text\nmore\n```\na\n-\nb\n```")
        #expect(Markdown.forBlock("text\n| a |\n|---|\n") == "text\n```\na\n-\n```\n")
        #expect(Markdown.forBlock("| a |\r\n|---|\r\n| b |\r\nc\r\n\r\nd") == "```\na\n-\nb\nc\n```\r\n\r\nd")
        #expect(Markdown.forBlock("a `|` b\n\n`| c |`") == "a `|` b\n\n`| c |`")
    }

    @Test("a cut is made between blocks, then between items, and a heading stays with its text")
    func places() {
        let words = String(repeating: "word ", count: 30) + "end"
        let parts = MarkdownParts.split("\(words)\n\n# Head\n\n\(words)\n\n\(words)", limit: 300)
        #expect(parts == [words, "# Head\n\n\(words)", words])
        let items = (0..<6).map { "- item \($0) \(words)\n  more" }
        let cut = MarkdownParts.split(items.joined(separator: "\n"), limit: 400)
        let pairs = [items[0...1], items[2...3], items[4...5]].map { $0.joined(separator: "\n") }
        #expect(cut == pairs)
    }

    @Test("the continuation of a nested item is not code")
    func nestedItems() {
        let deep = (0..<20).map { "      - deep \($0)" }.joined(separator: "\n")
        let parts = MarkdownParts.split("- a\n  - b\n    - c\n\(deep)\n- z", limit: 120)
        #expect(parts.count > 2)
        for part in parts { #expect(!Markdown.asMrkdwn(part).contains("```")) }
    }

    @Test(
        "a fence in an item is opened again with its indentation, also one of tildes",
        arguments: ["```", "~~~~", "`````"])
    func nestedFences(_ marks: String) {
        let code = (0..<40).map { "       row \($0)" }.joined(separator: "\n")
        let parts = MarkdownParts.split("1. a\n\n   \(marks)c++ x\n\(code)\n   \(marks)\n2. b", limit: 200)
        #expect(parts.count > 3)
        for part in parts.dropFirst().dropLast() {
            #expect(part.hasPrefix("   \(marks)c++ x\n       row ") && part.hasSuffix("\n   \(marks)"))
        }
    }

    @Test("a line inside a fence that looks like another fence does not close it")
    func fenceInFence() {
        let code = ["```js", "let a = 1"] + (0..<40).map { "row \($0)" } + ["~~~"]
        let parts = MarkdownParts.split("```md\n\(code.joined(separator: "\n"))\n```\n\n*after*", limit: 150)
        #expect(parts.count > 2)
        let shown = parts.compactMap { MarkdownDocument($0) }.flatMap(\.events)
        let written = shown.compactMap { if case .codeBlock = $0.kind { $0.text } else { nil } }.joined()
        #expect(written == code.joined(separator: "\n") + "\n")
        #expect(parts.last?.hasSuffix("```\n\n*after*") == true)
    }

    @Test("a cut code span is text, and notifies no user")
    func cutCode() {
        let parts = Markdown.parts("`" + String(repeating: "npm i @here/x ", count: 60) + "`", limit: 100)
        #expect(parts.count > 5)
        #expect(parts.allSatisfy { $0.utf16.count <= 100 })
        for part in parts { expectHarmless(part, part) }
    }

    @Test("a code span and a link are not cut when another place is possible")
    func atoms() {
        let text = String(repeating: "word ", count: 30) + "`" + String(repeating: "code ", count: 8) + "`"
        let parts = MarkdownParts.split(text + " " + String(repeating: "word ", count: 30), limit: 180)
        #expect(parts.first == String(repeating: "word ", count: 30))
    }
}
