import Bridge
import Testing

@testable import SlackBot

@Suite("The progress message")
struct ProgressTextTests {
    private func message(_ events: AnswerEvent...) -> SlackMessage {
        var text = ProgressText()
        for event in events { text.handle(event) }
        return text.message
    }

    private func markdown(_ message: SlackMessage) -> String? {
        message.blocks.first { $0["type"] == "markdown" }?["text"]?.string
    }

    private func call(
        _ id: String, _ outcome: ToolActivity.Outcome, server: String = "ops"
    ) -> ToolActivity {
        var call = ToolActivity(
            id: id, name: ToolName(server: server, tool: "look_\(id)"), arguments: [:],
            verdict: Verdict(.allow, step: nil, rule: .builtIn("test"), reason: ""))
        (call.outcome, call.milliseconds) = (outcome, 1_200)
        return call
    }

    @Test("at first it states that Omni is thinking, and shows no answer")
    func first() {
        #expect(message().text.contains("is thinking"))
        #expect(message().blocks.count == 1)
    }

    @Test("ack_message is shown until the first progress, then the status with bot_name")
    func acknowledgement() {
        var text = ProgressText(name: "Bridge", acknowledgement: "🤔 One moment <!here>")
        #expect(text.message.text == ":hourglass_flowing_sand: 🤔 One moment <!here>")
        text.handle(.status(UserMessages.thinking))
        #expect(text.message.text.contains("One moment"))
        text.handle(.toolStarted(call("1", .running)))
        #expect(!text.message.text.contains("One moment"))
        #expect(text.message.text.contains("Bridge is using"))
        #expect(ProgressText(acknowledgement: " ").message.text.contains("Omni is thinking"))
    }

    @Test("after query_timeout_seconds it says that the answer takes longer")
    func late() {
        var text = ProgressText()
        #expect(!text.message.text.contains(UserMessages.late))
        text.becomeLate()
        #expect(text.message.text.contains(UserMessages.late))
        text.handle(.text("Because"))
        #expect(text.message.text.contains(UserMessages.late))
    }

    @Test("once a tool of a private server was called, the text of the answer is not shown")
    func hidden() {
        var text = ProgressText(privateServers: ["vault"])
        text.handle(.toolFinished(call("1", .succeeded)))
        text.handle(.toolFinished(call("2", .denied, server: "vault")))
        text.handle(.text("Public."))
        #expect(markdown(text.message) == "Public.")
        text.handle(.textWithdrawn)
        text.handle(.toolFinished(call("3", .succeeded, server: "vault")))
        text.handle(.text("Secret."))
        #expect(markdown(text.message) == nil && !text.message.text.contains("Secret"))
    }

    @Test("each tool has its line with its outcome")
    func tools() {
        let text = message(
            .toolStarted(call("1", .running)), .toolFinished(call("1", .succeeded)), .toolStarted(call("2", .running))
        ).text
        #expect(text.contains(":white_check_mark: `ops.look_1` 1.2 s"))
        #expect(text.contains(":small_blue_diamond: `ops.look_2` …"))
        #expect(text.contains("is using ops.look_2"))
    }

    @Test("the answer shows as far as it is written, above the running tools")
    func words() {
        let shown = message(.text("**Checkout** is "), .text("slow because"))
        #expect(markdown(shown) == "**Checkout** is slow because")
        #expect(shown.blocks.first?["type"] == "markdown")
        #expect(shown.text.hasPrefix(":hourglass_flowing_sand:") && shown.text.contains("is writing the answer"))
    }

    @Test("withdrawn text is removed, and blank text is no answer")
    func withdrawn() {
        #expect(markdown(message(.text("Let me look."), .textWithdrawn)) == nil)
        #expect(markdown(message(.text("\n \n"))) == nil)
        #expect(markdown(message(.text("Let me"), .textWithdrawn, .text("It is"))) == "It is")
    }

    @Test("what the model says about its calls shows with them, and not as the answer")
    func narration() {
        let call = ToolActivity(
            id: "1", name: ToolName(server: "ops", tool: "look"), arguments: [:],
            verdict: Verdict(.allow, step: nil, rule: .builtIn("test"), reason: ""))
        let shown = message(.text("Let me\nlook <here>."), .narration("Let me\nlook <here>."), .toolStarted(call))
        #expect(markdown(shown) == nil)
        #expect(shown.text.contains("> Let me look &lt;here&gt;."))
        #expect(shown.text.contains("is using ops.look"))
        #expect(markdown(message(.narration("Let me look."), .text("It is"))) == "It is")
    }

    @Test("of a long answer the end shows, within Slack's limit, with its code fence open")
    func long() throws {
        let lines = (0..<2_000).map { "line \($0) of the listing" }.joined(separator: "\n")
        let shown = try #require(markdown(message(.text("Here it is:\n```\n" + lines))))
        #expect(shown.utf16.count <= MarkdownParts.limit)
        #expect(shown.hasPrefix("```") && shown.hasSuffix("line 1999 of the listing"))
    }

    @Test("an incomplete answer notifies no user")
    func mentions() throws {
        let shown = try #require(markdown(message(.text("<!channel> and @here and <@U0ANA>"))))
        #expect(!shown.contains("<!channel>") && !shown.contains("@here") && !shown.contains("<@U0ANA>"))
    }
}
