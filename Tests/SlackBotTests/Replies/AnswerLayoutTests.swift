import Bridge
import Testing

@testable import SlackBot

@Suite("The form of an answer")
struct AnswerLayoutTests {
    private static let question = ULID()

    private func render(
        _ markdown: String, notes: [String] = [], _ change: (inout SlackSettings.Formatting) -> Void = { _ in }
    ) -> AnswerMessages.Rendered {
        var style = AnswerMessages.Style(footer: nil)
        style.notes = notes
        style.question = Self.question
        change(&style.formatting)
        return AnswerMessages.render(.answered(Answer(text: markdown, usage: Usage())), style: style)
    }

    private func types(_ message: SlackMessage) -> [String] { message.blocks.compactMap { $0["type"]?.string } }

    private func table(rows: Int) -> String {
        "| service | ms |\n|---|---|\n" + (1...rows).map { "| s\($0) | \($0 * 10) |" }.joined(separator: "\n")
    }

    @Test("a table stands between the texts around it, with a button; numbers are aligned at the right")
    func table() throws {
        let rendered = render("Slowest:\n\n\(table(rows: 2))\n\nThat is all.")
        let message = try #require(rendered.messages.first)
        #expect(rendered.messages.count == 1 && rendered.files.isEmpty)
        #expect(types(message) == ["markdown", "table", "actions", "markdown"])
        #expect(TableView.rows(of: message.blocks[1]) == [["service", "ms"], ["s1", "10"], ["s2", "20"]])
        #expect(message.blocks[1]["column_settings"]?[1]?["align"] == "right")
        #expect(message.blocks[3]["text"] == "That is all.")
    }

    @Test("cells keep their marks and links; a link that shows another host gets its own")
    func cells() throws {
        let row = "| **a** `b` | [acme.example](https://evil.example/x) | [](https://b.example) | |"
        let message = try #require(render("| 1 | 2 | 3 | 4 |\n|-|-|-|-|\n\(row)").messages.first)
        let cells = try #require(message.blocks[0]["rows"]?[1]?.array)
        let parts = cells.map { $0["elements"]?[0]?["elements"]?.array ?? [] }
        #expect(parts[0].map { $0["style"] } == [["bold": true], nil, ["code": true]])
        #expect(parts[1] == [["type": "link", "url": "https://evil.example/x", "text": "acme.example (evil.example)"]])
        #expect(parts[2] == [["type": "link", "url": "https://b.example", "text": "https://b.example"]])
        #expect(cells[3] == ["type": "raw_text", "text": " "])
    }

    @Test("of a table that is too long, or too wide, a part is shown, and the whole is a CSV file")
    func cutTable() throws {
        let long = render(table(rows: 120)) { $0.maxTableRows = 20 }
        let message = try #require(long.messages.first)
        #expect(message.blocks[0]["rows"]?.array?.count == 21)
        #expect(message.blocks[1].text().contains("20 of 120 rows are shown"))
        #expect(long.files.first?.text?.hasPrefix("service,ms\r\ns1,10\r\n") == true)
        #expect(long.files.first?.text?.hasSuffix("s120,1200\r\n") == true)
        let cells = (1...25).map { "c\($0)" }.joined(separator: "|")
        let wide = render("|\(cells)|\n|\(String(repeating: "-|", count: 25))\n|\(cells)|")
        #expect(wide.messages.first?.blocks[0]["rows"]?[0]?.array?.count == 20)
        #expect(wide.messages.first?.blocks[1].text().contains("20 of 25 columns") == true)
        #expect(wide.files.first?.text?.contains("c25") == true)
    }

    @Test("several tables are in several messages; when these were too many, all tables are text")
    func severalTables() {
        let few = render([String](repeating: table(rows: 2), count: 3).joined(separator: "\n\nand\n\n"))
        #expect(few.messages.map { types($0).count { $0 == "table" } } == [1, 1, 1])
        let many = render([String](repeating: table(rows: 2), count: 9).joined(separator: "\n\nand\n\n"))
        #expect(many.messages.map(types) == [["markdown"]])
    }

    @Test("an answer of more than four messages is its beginning, cut at a paragraph, and a file with the whole")
    func file() throws {
        let text = (0..<1_200).map { "Sentence \($0) of the answer.\n\n" }.joined()
        let rendered = render(text)
        let message = try #require(rendered.messages.first)
        #expect(rendered.messages.count == 1 && types(message) == ["markdown", "context"])
        #expect(message.blocks[0]["text"]?.string?.hasSuffix("of the answer.") == true)
        #expect(message.blocks[1].text().contains("`answer.md`"))
        #expect(rendered.files.map(\.title) == ["answer.md"] && rendered.files.first?.text == text)
        let own = render(text) { $0.truncation = "_cut_" }
        #expect(own.messages.first?.blocks[1].text().contains("_cut_") == true)
    }

    @Test("slack.yaml can ask for tables as text or as attached files, and for messages without blocks")
    func formats() {
        let text = render(table(rows: 2)) { $0.tables = .markdown }
        #expect(text.messages.map(types) == [["markdown"]])
        let attached = render(table(rows: 2)) { $0.tables = .csv }
        #expect(attached.messages.map(types) == [["table", "context"]] && attached.files.count == 1)
        let plain = render("**a**\n\n\(table(rows: 2))") { $0.usesBlocks = false }
        #expect(plain.messages.map(\.isRich) == [false] && plain.messages[0].text.hasPrefix("*a*\n\n```\nservice | ms"))
    }

    @Test("without blocks the tables are text, and the lines below the answer stay")
    func plain() {
        let message = ContextView.adding(["a line"], to: render("Here:\n\n\(table(rows: 1))").messages[0])[0]
        let texts = AnswerMessages.plain(message, usesEmoji: true).map(\.text)
        #expect(texts == ["Here:\n\n```\nservice | ms\n--------|---\ns1      | 10\n```\na line"])
    }

    @Test("without blocks the notes below an answer are text too, and hide nothing of it")
    func plainNotes() {
        let long = (0..<400).map { "Sentence \($0) of the answer." }
        for text in ["Sentence 399 of the answer.", long.joined(separator: "\n\n")] {
            let rendered = render(text, notes: ["*Ana* · dba", "Welcome!"]) { $0.usesBlocks = false }
            let messages = AnswerActionsView(Self.question, mayBeShown: false, isOn: true)
                .adding(to: rendered.messages, .answered(Answer(text: text, usage: Usage())))
            #expect(messages.allSatisfy { !$0.isRich })
            let shown = messages.map(\.text).joined(separator: "\n")
            #expect(shown.hasPrefix(String(text.prefix(20))), "\(shown)")
            #expect(shown.hasSuffix("Sentence 399 of the answer.\n*Ana* · dba\nWelcome!"), "\(shown)")
        }
    }

    @Test("tables in quotes, with link definitions, or with a row that is too long stay whole, as text")
    func textTables() {
        for markdown in [
            "> | a |\n> |---|\n> | b |", "| a |\n|---|\n| [b][1] |\n\n[1]: https://b.example",
            "| a |\n|---|\n| b | surplus |",
        ] {
            let rendered = render(markdown)
            #expect(rendered.messages.map(types) == [["markdown"]], "\(markdown)")
        }
        #expect(Markdown.forBlock("| a |\n|---|\n| b | surplus |").contains("surplus"))
    }

    @Test("a press finds its table, with numbers that a spreadsheet can add and formulas that it does not run")
    func csv() throws {
        let messages = render("| a | b |\n|---|---|\n| -5 | =1+1 |\n\nand\n\n\(table(rows: 1))").messages
        let value = "\(Self.question.text) 1"
        let pressed = try #require(TableButtonView.Pressed(value: value))
        let rows = try #require(TableButtonView.rows(of: pressed, in: messages))
        #expect(FilePost.table(rows, title: "t.csv").text == "a,b\r\n-5,'=1+1\r\n")
        let other = try #require(TableButtonView.Pressed(value: "\(Self.question.text) 2"))
        #expect(TableButtonView.rows(of: other, in: messages)?.first == ["service", "ms"])
        let missing = try #require(TableButtonView.Pressed(value: "\(Self.question.text) 3"))
        #expect(TableButtonView.rows(of: missing, in: messages) == nil)
        #expect(TableButtonView.Pressed(value: "1") == nil && TableButtonView.Pressed(value: "x 1") == nil)
    }
}
