import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

/// Streams of questions that turn out to wait for their asker, or to have an answer for the asker alone.
@Suite("A streamed message that does not become the answer as it is", .timeLimit(.minutes(10)))
struct StreamLeftScenarios {
    private static func own(_ bot: InProcessBot, _ root: String) -> [EmulatedMessage] {
        bot.emulator.thread("#ops", root).filter { $0.botID != nil }
    }

    /// The first message of the thread, once it is an open stream that shows this.
    private static func open(_ bot: InProcessBot, _ root: String, _ text: String) async throws -> EmulatedMessage {
        let found = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
            snapshot.thread("#ops", root).first { message in
                message.isStreaming && message.blocks.contains { $0["title"]?.string == text }
            }
        }
        return try #require(found, "\(bot.emulator.threadText("#ops", root))")
    }

    @Test("a question that waits for its asker ends its stream, and its answer takes the place of that message")
    func waits() async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn([
                [
                    "calls": [
                        [
                            "name": "omni2_ask_back__choose",
                            "input": ["question": "Which one?", "choices": ["prod", "test"]],
                        ]
                    ], "delay": 3,
                ], ["text": "It is fine."],
            ])
            var plan = model.plan
            plan.settings += "\nquestion: {ask_back: true}\n"
            plan.isStreaming = true
            try await InProcessBot.run(plan) { bot in
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni is it slow?")
                let begun = try await Self.open(bot, root, UserMessages.thinkingCard)
                let asked = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                    snapshot.thread("#ops", root).first { $0.blocks.contains { $0["type"] == "actions" } }
                }
                let choices = try #require(asked, "\(bot.emulator.threadText("#ops", root))")
                let waiting = try #require(Self.own(bot, root).first)
                #expect(waiting.ts == begun.ts && !waiting.isStreaming)
                #expect(waiting.text == UserMessages.waitsForChoice)
                try await bot.until("it waits") {
                    let rows = try await bot.store.unfinished()
                    return rows.map(\.state) == [.waiting] && rows.first?.isUndelivered == false
                }
                let press = try await bot.emulator.press(
                    as: "ana", in: "#ops", choices.ts, action: "omni_choice_0")
                #expect(press.wasAcknowledged)
                try await bot.until("the answer is there") {
                    bot.emulator.threadText("#ops", root).contains("It is fine.")
                }
                try await bot.allSaid()
                let messages = Self.own(bot, root)
                #expect(messages.map(\.ts) == [begun.ts, choices.ts])
                #expect(bot.emulator.messageText(messages[0]).contains("It is fine."))
            }
        }
    }

    @Test("of an answer with data of a private server the thread shows cards, and in the end who was answered")
    func privately() async throws {
        try await ModelDouble.run { model in
            let text = String(repeating: "secret ", count: 60)
            try await model.scriptByTurn([
                ["calls": [["name": "charts__draw", "input": [:]]], "delay": 2],
                ["text": .string(text), "pause": 4, "after_events": 50],
            ])
            try await serveTools(ChartTools(images: 1), as: "charts") { url in
                var plan = model.plan
                plan.mcps = "mcps:\n  - {name: charts, protocol: http, url: \"\(url)\", visibility: private}\n"
                plan.isStreaming = true
                try await InProcessBot.run(plan) { bot in
                    let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni draw the costs")
                    let begun = try await Self.open(bot, root, "charts.draw")
                    #expect(try await bot.ephemeral(to: "ana").contains("secret"))
                    try await bot.allSaid()
                    let messages = Self.own(bot, root)
                    #expect(messages.map(\.ts) == [begun.ts])
                    #expect(messages.map(\.text) == [UserMessages.answeredPrivately])
                    let sent = bot.emulator.traffic.filter { $0.kind == .sent && "\($0.detail)".contains("secret") }
                    #expect(sent.isEmpty, "no event of the thread has the text")
                }
            }
        }
    }
}
