import Bridge
import Testing

@testable import SlackBot

@Suite("Slack's limits of an answer's messages")
struct AnswerMessageTests {
    private func answer(_ text: String, unknownCalls: Int) -> QuestionOutcome {
        var usage = Usage()
        usage.calls = (0..<unknownCalls).map { number in
            var call = ToolActivity(
                id: "c\(number)", name: ToolName(server: "ops", tool: "restart_\(number)"), arguments: [:],
                verdict: Verdict(.allow, step: nil, rule: .builtIn("test"), reason: ""))
            call.outcome = .unknown
            return call
        }
        return .answered(Answer(text: text, usage: usage))
    }

    private func elements(_ block: JSONValue) -> [String] {
        block["type"] == "context" ? (block["elements"]?.array ?? []).compactMap { $0["text"]?.string } : []
    }

    @Test(
        "somebody's question started 11, 60 or 600 calls of unknown outcome: each is named, within Slack's limits",
        arguments: [1, 10, 11, 60, 600])
    func warnings(count: Int) {
        let messages = AnswerMessages.render(
            answer(String(repeating: "word ", count: 1_500), unknownCalls: count),
            style: AnswerMessages.Style(footer: nil)
        ).messages
        let blocks = messages.flatMap(\.blocks)
        #expect(blocks.allSatisfy { elements($0).count <= 10 })
        let lines = blocks.flatMap(elements)
        #expect(lines.count == count)
        for number in 0..<count { #expect(lines.contains { $0.contains("restart_\(number)`") }) }
        for message in messages {
            #expect(message.blocks.count <= 50 && !message.text.isEmpty)
            let size = message.blocks.reduce(0) { sum, block in
                sum + (block["text"]?.string?.count ?? 0) + elements(block).reduce(0) { $0 + $1.count }
            }
            #expect(size <= 13_200)
        }
    }

    @Test("a stopped question names the calls whose outcome is unknown, below what is shown of its answer too")
    func stopped() {
        let usage = answer("", unknownCalls: 2).usage
        for texts in [nil, ["So far."]] {
            let rendered = AnswerMessages.render(
                .cancelled(usage), in: texts, style: AnswerMessages.Style(footer: nil))
            let text = JSONValue.array(rendered.messages.flatMap(\.blocks)).text()
            #expect(text.contains(UserMessages.cancelled) && text.contains("So far.") == (texts != nil))
            for number in 0..<2 { #expect(text.contains("restart_\(number)`")) }
        }
    }

    @Test("a question that fails in the middle keeps what is shown of its answer, and says below it what happened")
    func failed() {
        let error = BridgeError(.deadline, "Too late.", hint: "Ask for less.")
        let failure = Failure(error: error, errorID: "E-1", usage: Usage())
        for outcome in [QuestionOutcome.failed(failure), .interrupted(failure)] {
            let messages = AnswerMessages.render(
                outcome, in: ["One.", "Two."], style: AnswerMessages.Style(footer: nil)
            ).messages
            #expect(messages.map { AnswerMessages.markdown(of: $0) } == ["One.", "Two."])
            #expect(messages.map { $0.blocks.flatMap(elements) } == [[], [UserMessages.failed(failure, showID: true)]])
        }
    }

    @Test("a text of Omni's own that is longer than a section becomes several, and its end is marked when it is cut")
    func sections() {
        let text = (0..<900).map { "line \($0)" }.joined(separator: "\n")
        let message = SectionView.message(text)
        let texts = message.blocks.compactMap { $0["text"]?["text"]?.string }
        #expect(texts.count > 1 && texts.allSatisfy { $0.count <= 3_000 })
        #expect(texts.last?.contains("line 899") == true)
        #expect(AnswerMessages.plain(message, usesEmoji: true).map(\.text) == texts)
        let long = SectionView.message(String(repeating: text, count: 4))
        #expect(long.blocks.last?["text"]?["text"] == "…")
    }

    @Test("without blocks an answer of dense HTML has every row, in texts that an edit may have")
    func plainHTML() {
        let rows = (1...200).map { "<tr><td>host-\($0)</td><td>up</td></tr>" }
        let message = AnswerLayout.message(rows.joined(separator: "\n"))
        let texts = AnswerMessages.plain(message, usesEmoji: true).map(\.text)
        #expect(texts.allSatisfy { $0.utf16.count <= 4_000 }, "\(texts.map(\.utf16.count))")
        let text = texts.joined(separator: "\n")
        for row in rows { #expect(text.contains(Markdown.escape(row)), "\(row)") }
    }

    @Test("without blocks a text of Omni's own keeps the lines below it")
    func plainLines() {
        let messages = ContextView.adding([":x: a", "b"], to: SectionView.message(":no_entry: No."))
        for (usesEmoji, text) in [(true, ":no_entry: No.\n:x: a\nb"), (false, "No.\na\nb")] {
            #expect(messages.flatMap { AnswerMessages.plain($0, usesEmoji: usesEmoji) }.map(\.text) == [text])
        }
    }

    @Test("without blocks and without emoji the lines about files have none, and a model's text keeps its own")
    func plainFiles() {
        var files = AnswerFiles()
        let png = ToolContent.image(data: "iVBORw0KGgo=", mimeType: "image/png")
        files.add(ToolResult(content: [png]), of: ToolName(server: "ops", tool: "chart"))
        var style = AnswerMessages.Style(footer: nil)
        style.formatting.usesBlocks = false
        style.usesEmoji = false
        style.sendsFilesDirectly = true
        let long = String(repeating: "Words of a long answer.\n\n", count: 2_400)
        for (text, line) in [
            (":x: \(long)", "This is the beginning."), (":x: \(long)", "2 files are in"),
            (":x: short", "1 image is in"),
        ] {
            let outcome = QuestionOutcome.answered(Answer(text: text, usage: Usage(), files: files))
            let rendered = AnswerMessages.render(outcome, style: style)
            let shown = rendered.messages.map(\.text).joined(separator: "\n")
            #expect(shown.hasPrefix(":x: ") && shown.contains("\n\(line)"), "\(shown)")
            #expect(!shown.contains(":page_facing_up:") && !shown.contains(":frame_with_picture:"), "\(shown)")
        }
    }
}
