import Bridge
import Testing

@testable import SlackBot

@Suite("The question that continues an answer")
struct ContinuedQuestionTests {
    private static let id = ULID()
    private static let url = Secret("https://hooks.slack.com/actions/1")

    private func question(_ kind: SlackQuestion.Kind, ts: String? = "10.000001", thread: String? = nil)
        -> SlackQuestion
    {
        SlackQuestion(
            kind: kind, originKey: "T1:C1:10.000001", team: "T1", user: "U1", channel: "C1", channelName: "ops",
            text: "What was deployed?", ts: ts, threadTS: thread, responseURL: nil, isExternallyShared: true)
    }

    @Test("it is in the thread of the first, of the user who pressed, and has no message of its own")
    func place() throws {
        let first = question(.mention)
        let rest = try #require(first.continued(Self.id, by: "U2", responseURL: Self.url))
        #expect(rest.threadKey == first.threadKey && rest.ts == nil && rest.sentAt == nil)
        #expect(rest.user == "U2" && rest.originKey == "continue:\(Self.id)" && rest.isExternallyShared)
        #expect(rest.text.hasSuffix("\n\nWhat was deployed?") && rest.responseURL == nil)
        #expect(question(.command, ts: nil).continued(Self.id, by: "U1", responseURL: Self.url) == nil)
    }

    @Test("the user who pressed addresses Omni, also where the first question was a reaction")
    func kinds() {
        let kinds: [SlackQuestion.Kind] = [.mention, .direct, .followUp, .command, .reaction, .shortcut, .automatic]
        let rest = kinds.map { question($0, thread: "9.000001").continued(Self.id, by: "U1", responseURL: Self.url) }
        #expect(rest.map(\.?.kind) == [.mention, .direct, .followUp, .command, .mention, .mention, .mention])
    }

    @Test("one that continues another names the first question once, and a long one in part")
    func text() {
        let once = UserMessages.continuation(of: "Why?")
        #expect(UserMessages.continuation(of: once) == once)
        let long = UserMessages.continuation(of: String(repeating: "a", count: 50_000))
        #expect(long.count < 5_000 && UserMessages.continuation(of: long) == long)
    }
}
