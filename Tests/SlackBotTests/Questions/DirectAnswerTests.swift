import Bridge
import Testing

@testable import SlackBot

@Suite("The result of /omni-tool")
struct DirectAnswerTests {
    private func shown(_ text: String) -> String? {
        let outcome = QuestionOutcome.answered(Answer(text: text, usage: Usage()))
        guard case .answered(let answer) = outcome.asMarkdown else { return nil }
        return answer.text
    }

    @Test("JSON is a block of code with a longer fence than it contains; other text is shown as it is")
    func json() {
        #expect(shown(#"{"a": "*b*"}"#) == "```json\n{\"a\": \"*b*\"}\n```")
        #expect(shown("[\"```\"]") == "````json\n[\"```\"]\n````")
        for text in ["| a |\n| - |\n| b |", "[a link](https://a.example)", "{no json}", "42"] {
            #expect(shown(text) == text)
        }
    }

    @Test("a tool without text is said to have run")
    func empty() {
        #expect(shown(" \n") == UserMessages.toolWithoutText)
    }

    @Test("the result of a call to a server with visibility: private is private before the call is made")
    func privacy() throws {
        let mcps = """
            mcps:
              - {name: pay, url: "http://pay.example/mcp", visibility: private}
              - {name: shop, url: "http://shop.example/mcp"}
            """
        let settings = try #require(ConfigFixtures.load(["mcps.yaml": mcps]).settings)
        let privacy = AnswerPrivacy(LiveSettings(settings).snapshot)
        func isPrivate(_ server: String?) -> Bool {
            let asker = Principal(email: "a@b.c", name: "A", role: "dba", source: .builtIn("test"))
            return privacy.isPrivate(
                Question(
                    asker: asker, text: "", place: Place(entryPoint: .slack, channel: "C1", channelName: "ops"),
                    threadKey: "t",
                    call: server.map { NamedToolCall(ToolName(server: $0, tool: "list"), arguments: [:]) }))
        }
        #expect(isPrivate("pay") && !isPrivate("shop") && !isPrivate(nil))
    }
}
