import Bridge
import Testing

@testable import SlackBot

@Suite("reaction_triggers and auto_responses of slack.yaml")
struct TriggersSectionTests {
    private func load(_ text: String) throws -> (slack: SlackSettings?, problems: [ConfigProblem]) {
        let (settings, problems) = try ConfigFixtures.load(["slack.yaml": text])
        return (settings?.slack, problems)
    }

    @Test(
        "reactions are a mapping or a list; a word of the original or a question of one's own",
        arguments: [
            "{\":bug:\": Is this known?, eyes: Analyze}",
            "[{emoji: bug, action: Is this known?}, {emoji: \":eyes:\", action: analyze}]",
        ])
    func reactions(yaml: String) throws {
        let (slack, problems) = try load("mentions: {reaction_triggers: {enabled: true, reactions: \(yaml)}}\n")
        #expect(problems == [])
        let found = try #require(slack).mentions.reactions
        #expect(found.questions == ["bug": "Is this known?", "eyes": UserMessages.asked(.analyze)])
        #expect(found.question("mag") == nil)
    }

    @Test("without a list the original's three emoji ask; switched off nothing does")
    func defaults() throws {
        let on = try #require(try load("mentions: {reaction_triggers: {enabled: true}}\n").slack).mentions.reactions
        #expect(["eyes", "mag", "chart"].allSatisfy { on.question($0) != nil })
        let off = try #require(try load("mentions: {reaction_triggers: {enabled: false}}\n").slack).mentions.reactions
        #expect(off.question("eyes") == nil)
    }

    @Test("a message is answered by the first entry that fits its text and its channel")
    func autoResponses() throws {
        let (slack, problems) = try load(
            """
            advanced:
              auto_responses:
                enabled: true
                patterns:
                  - {pattern: "*VPN*", response: Read the wiki., channels: ["#help", C0123]}
                  - {pattern: "*[?]"}
            """)
        #expect(problems == [])
        let responses = try #require(slack).autoResponses
        func answer(_ text: String, _ channel: String, _ name: String?) -> String? {
            responses.matching(text).first { $0.isFor(channel: channel, name: name) }.map { $0.response ?? "question" }
        }
        #expect(answer("is the vpn down?", "C1", "help") == "Read the wiki.")
        #expect(answer("is the vpn down?", "C0123", nil) == "Read the wiki.")
        #expect(answer("is the vpn down?", "C1", nil) == "question")
        #expect(answer("the vpn is down", "C1", "ops") == nil && answer("hello", "C1", "help") == nil)
    }

    @Test("an entry without a pattern or with a bad one is an error where they are switched on, and nothing where not")
    func problems() throws {
        func entries(_ isEnabled: Bool, _ entry: String) throws -> (SlackSettings?, [ConfigProblem]) {
            try load("advanced: {auto_responses: {enabled: \(isEnabled), patterns: [\(entry)]}}\n")
        }
        let missing = try entries(true, "{response: Hi}")
        #expect(missing.0 == nil && missing.1.map(\.keyPath) == ["advanced.auto_responses.patterns[0].pattern"])
        #expect(try entries(true, "{pattern: \"a[\"}").0 == nil)
        let off = try entries(false, "{response: Hi}")
        #expect(off.0?.autoResponses.entries.isEmpty == true && off.1 == [])
    }
}
