import Bridge
import Testing

@testable import SlackBot

@Suite("threading.yaml")
struct ThreadingTests {
    private func load(_ text: String) throws -> (threading: ThreadingSettings?, problems: [ConfigProblem]) {
        let (settings, problems) = try ConfigFixtures.load(["threading.yaml": text])
        return (settings?.threading, problems)
    }

    @Test("each key has its effect")
    func keys() throws {
        let (threading, problems) = try load(
            """
            threading:
              follow_up: anyone
              context: {enabled: true, max_messages: 3, max_tokens: 900}
            direct_messages:
              context: {enabled: false, max_messages: 7, max_tokens: 1000}
            channel_overrides:
              C0123: {context_enabled: false}
              "#ops": {context_enabled: true}
            """)
        #expect(problems == [])
        let found = try #require(threading)
        #expect(found.followUp == .anyone)
        #expect(found.history.threads.turns == 3 && found.history.threads.tokens == 900)
        #expect(found.history.threads.isEnabled && !found.history.direct.isEnabled)
        #expect(found.history.direct.turns == 7 && found.history.direct.tokens == 1_000)
        #expect(found.history.channels == ["C0123": false, "ops": true])
    }

    @Test("send_to_llm: false switches the history of threads off")
    func sendToModel() throws {
        let threading = try #require(try load("threading: {context: {send_to_llm: false}}").threading)
        #expect(!threading.history.threads.isEnabled && threading.history.direct.isEnabled)
    }

    @Test(
        "a wrong value is an error with its key",
        arguments: [
            ("threading: {follow_up: everybody}", "threading.follow_up"),
            ("threading: {context: {max_messages: 101}}", "threading.context.max_messages"),
            ("threading: {context: {max_tokens: 10}}", "threading.context.max_tokens"),
            ("direct_messages: {context: {enabled: \"yes\"}}", "direct_messages.context.enabled"),
            ("channel_overrides: {C1: {context_enabled: 3}}", "channel_overrides.C1.context_enabled"),
        ])
    func wrong(text: String, key: String) throws {
        let (threading, problems) = try load(text)
        #expect(threading == nil)
        #expect(problems.map(\.severity) == [.error])
        #expect(problems.first?.keyPath == key)
    }
}
