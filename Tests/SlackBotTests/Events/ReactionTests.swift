import Analytics
import Bridge
import TestKit
import Testing

@testable import SlackBot

@Suite("What a reaction asks")
struct ReactionTests {
    private let bot = BotIdentity(teamID: "T1", team: "Acme", userID: "UBOT", url: "")

    private var triggers: ReactionTriggers {
        var triggers = ReactionTriggers()
        triggers.isEnabled = true
        triggers.questions["thumbsup"] = "Why is this good?"
        return triggers
    }

    private func question(
        _ reaction: String, by user: String = "U1", item: String = "message", _ triggers: ReactionTriggers? = nil
    ) -> SlackQuestion? {
        let event: JSONValue = [
            "type": "reaction_added", "user": .string(user), "reaction": .string(reaction), "item_user": "U2",
            "item": ["type": .string(item), "channel": "C1", "ts": "10.100000"], "event_ts": "20.200000",
        ]
        return SlackQuestion(reaction: ["team_id": "T1", "event": event], bot: bot, triggers ?? self.triggers)
    }

    @Test("a configured reaction is a question about its message, of the user who reacted, asked when they reacted")
    func asks() throws {
        let found = try #require(question("eyes"))
        #expect(found.kind == .reaction && found.user == "U1" && found.channel == "C1")
        #expect(found.about == "10.100000" && found.rootTS == "10.100000" && found.ts == "20.200000")
        #expect(found.text == UserMessages.asked(.analyze))
        #expect(found.origin.messageTS == "10.100000" && found.newID != nil)
        #expect(question("thumbsup::skin-tone-3")?.text == "Why is this good?")
    }

    @Test("once for each message, user and emoji: the same reaction again has the same key, any other has another")
    func once() throws {
        let keys = try [question("eyes"), question("mag"), question("eyes", by: "U2")].map {
            try #require($0).originKey
        }
        #expect(Set(keys).count == 3)
        #expect(try #require(question("eyes")).originKey == keys[0] && keys[0] == "C1:10.100000:U1:eyes")
    }

    @Test("other emoji, the bot's own reactions, those to files, and all of them when switched off ask nothing")
    func asksNothing() {
        #expect(question("tada") == nil && question("eyes", by: "UBOT") == nil && question("eyes", item: "file") == nil)
        #expect(question("eyes", ReactionTriggers()) == nil)
        #expect(SlackQuestion(reaction: ["event": ["type": "reaction_added"]], bot: bot, triggers) == nil)
    }

    @Test("another process reads the same question from the store")
    func stored() async throws {
        let reaction = try #require(question("eyes"))
        let message = ShortcutMessage(
            channel: "C1", channelName: "ops", ts: "1.1", thread: "1.0",
            quote: QuotedMessage(author: "U2", text: "down"))
        var automatic = reaction
        (automatic.kind, automatic.about, automatic.fixedAnswer) = (.automatic, nil, "Read the wiki.")
        automatic.threadTS = automatic.ts
        let all = [reaction, message.question("why?", by: "U1", team: "T1", view: "V1"), automatic]
        try await StoreFixture.run { stores in
            for (index, asked) in all.enumerated() {
                let asker = Principal(email: "u1@slack.invalid", name: "U1", role: "", source: .builtIn("test"))
                let question = Question(
                    asker: asker, text: asked.text, place: asked.place, threadKey: asked.threadKey)
                let key = "\(index)"
                _ = try await stores[0].accept(
                    NewQuestion(question, originKey: key, origin: asked.origin, context: asked.context))
                let row = try #require(try await stores[0].question(question.id))
                let read = try #require(SlackQuestion(row))
                #expect(read.kind == asked.kind && read.about == asked.about && read.ts == asked.ts)
                #expect(read.threadTS == asked.threadTS && read.shared == asked.shared)
                #expect(read.fixedAnswer == asked.fixedAnswer && read.channelName == asked.channelName)
            }
        }
    }
}
