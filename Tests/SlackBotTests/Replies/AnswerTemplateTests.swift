import Bridge
import Testing

@testable import SlackBot

@Suite("Templates around outcomes")
struct AnswerTemplateTests {
    private func style(_ templates: String) throws -> AnswerMessages.Style {
        var style = AnswerMessages.Style(footer: nil)
        style.templates =
            try #require(ConfigFixtures.load(["slack.yaml": "templates: {\(templates)}"]).settings).slack.templates
        return style
    }

    private func usage(_ outcome: ToolActivity.Outcome) -> Usage {
        var call = ToolActivity(
            id: "1", name: ToolName(server: "ops", tool: "drop_index"), arguments: [:],
            verdict: Verdict(.deny, step: .role, rule: .builtIn("test"), reason: "no"))
        call.outcome = outcome
        var usage = Usage()
        usage.calls = [call]
        usage.milliseconds = 2_340
        return usage
    }

    private func text(_ outcome: QuestionOutcome, _ style: AnswerMessages.Style) -> String {
        AnswerMessages.render(outcome, style: style).messages.flatMap(\.blocks)
            .compactMap { $0["text"]?.string ?? $0["text"]?["text"]?.string }.joined(separator: "\n")
    }

    @Test("somebody reads the answer inside the template, as Markdown, with its time and tool")
    func answered() throws {
        let style = try style(#"query_success: "{emoji} *{tool_name}* on {mcp_name}, {duration} s\n\n{result}""#)
        let answer = QuestionOutcome.answered(Answer(text: "**42** <rows>", usage: usage(.succeeded)))
        #expect(text(answer, style) == ":white_check_mark: *drop_index* on ops, 2.3 s\n\n**42** <rows>")
        var plain = style
        plain.usesEmoji = false
        #expect(text(answer, plain).hasPrefix("*drop_index*"))
        let silent = QuestionOutcome.answered(Answer(text: " ", usage: Usage()))
        #expect(text(silent, style) == UserMessages.noWords)
    }

    @Test(
        "a table, code, a list or a heading stays one beside the template's text, before it and after it",
        arguments: ["| a |\n|---|\n| b |", "```json\n{\"a\": 1}\n```", "- one\n- two", "# Done"])
    func blocks(_ block: String) throws {
        func text(_ answer: String, in template: String, emoji: Bool = true) throws -> String? {
            var style = try style("query_success: \"\(template)\"")
            style.usesEmoji = emoji
            return AnswerMessages.text(.answered(Answer(text: answer, usage: Usage())), style: style)
        }
        let emoji = ":white_check_mark:"
        #expect(try text(block, in: "{emoji} {result}") == "\(emoji)\n\n\(block)")
        #expect(try text(block, in: "{result} {emoji}") == "\(block)\n\n\(emoji)")
        #expect(try text(block, in: "{result}\\n{emoji}") == "\(block)\n\n\(emoji)", "a table and a list would go on")
        #expect(try text(block, in: "{emoji} {result}", emoji: false) == block)
        #expect(try text("Here:\n\n\(block)", in: "{emoji} {result}") == "\(emoji) Here:\n\n\(block)")
        #expect(try text("\(block)\n\nThere.", in: "{result} {emoji}") == "\(block)\n\nThere. \(emoji)")
    }

    @Test("somebody whose question failed reads the template; that of an unavailable server only then")
    func failed() throws {
        var style = try style(
            #"query_error: "{error_message} {helpful_hint} ({error_id})", mcp_unavailable: "{mcp_name}: {last_seen}""#)
        let late = Failure(
            error: BridgeError(.deadline, "Too <late>.", hint: "Wait."), errorID: "E-1", usage: Usage())
        #expect(text(.failed(late), style) == "Too &lt;late&gt;. Wait. (E-1)")
        let partial = AnswerMessages.render(.failed(late), in: ["So far."], style: style).messages
        #expect(partial.flatMap { ContextView.lines(of: $0) } == ["Too &lt;late&gt;. Wait. (E-1)"])
        style.showsErrorID = false
        #expect(!text(.interrupted(late), style).contains("E-1"))
        var away = BridgeError(.serverUnavailable, "ops is still starting.")
        away.server = "ops"
        let failure = Failure(error: away, errorID: "E-2", usage: Usage())
        #expect(text(.failed(failure), style) == "ops: unknown")
        style.lastSeen = "today"
        #expect(text(.failed(failure), style) == "ops: today")
        style.templates.unavailable = nil
        #expect(text(.failed(failure), style).hasPrefix("ops is still starting."))
    }

    @Test("somebody who may not call a tool reads permission_denied; another refusal keeps its own words")
    func denied() throws {
        var style = try style(#"permission_denied: "{user_role} may not: {mcp_name}.{tool_name}""#)
        style.role = "Reader"
        let refusal = QuestionOutcome.refused(Refusal(message: "No.", rule: "r", usage: usage(.denied)))
        #expect(text(refusal, style) == "Reader may not: ops.drop_index")
        let other = QuestionOutcome.refused(Refusal(message: "Too long.", rule: "r", usage: Usage()))
        #expect(text(other, style).hasSuffix("Too long."))
    }

    @Test(
        "a command that needs another role is refused with permission_denied, without emoji where Omni has none",
        arguments: [(true, "*Denied* :no_entry:"), (false, "*Denied*")])
    func deniedCommand(usesEmoji: Bool, text: String) throws {
        let slack = """
            commands: [{command: /omni-status, required_role: admin}]
            behavior: {use_emoji: \(usesEmoji)}
            templates: {permission_denied: "*Denied* {emoji}"}
            """
        let settings = try #require(ConfigFixtures.load(["slack.yaml": slack]).settings)
        let ben = settings.users.principal(email: "ben@acme.example", name: nil, storeRole: nil)
        let policy = Policy(settings.policy)
        let refusal = try #require(CommandRefusal("/omni-status", for: ben, settings.slack, policy))
        #expect(refusal.reason == text)
    }

    @Test("the notes stand under the last message, also under a text of Omni's own")
    func notes() {
        var style = AnswerMessages.Style(footer: nil)
        style.notes = ["*Ana* · dba", "Welcome!"]
        let long = QuestionOutcome.answered(Answer(text: String(repeating: "word ", count: 4_000), usage: Usage()))
        for words in [nil, "Hello."] {
            let messages = AnswerMessages.render(long, style: style, words: words).messages
            #expect(words == nil ? messages.count > 1 : messages.count == 1)
            let last = messages.last?.blocks.last
            #expect((last?["elements"]?.array ?? []).compactMap { $0["text"]?.string } == style.notes)
            #expect(messages.dropLast().allSatisfy { $0.blocks.allSatisfy { $0["type"] != "context" } })
        }
    }
}
