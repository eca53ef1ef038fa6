import Bridge
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Several people ask in one thread", .timeLimit(.minutes(10)))
struct QueueScenarios {
    @Test("who asks while another question of the thread is answered is told, alone, how many come before theirs")
    func notices() async throws {
        let tool = HeldTool()
        try await ModelDouble.run { model in
            try await serveTools(tool, as: "shop") { url in
                var plan = model.plan
                plan.mcps = "mcps:\n  - {name: shop, protocol: http, url: \"\(url)\"}\n"
                try await InProcessBot.run(plan) { bot in
                    try await model.script(
                        ["calls": [["name": "shop__look", "input": [:]]]], ["text": "First."], ["text": "Second."],
                        ["text": "Third."], in: bot)
                    let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how is it?")
                    try await bot.until("it is being answered") {
                        try await bot.store.unfinished().map(\.state) == [.working]
                    }
                    try bot.emulator.say(as: "ben", in: "#ops", "@omni and now?", thread: root)
                    #expect(try await bot.ephemeral(to: "ben").contains("Yours is next."))
                    try bot.emulator.say(as: "cleo", in: "#ops", "@omni and later?", thread: root)
                    #expect(try await bot.ephemeral(to: "cleo").contains("2 questions are before yours."))
                    tool.release()
                    try await bot.until("all are answered") { bot.answers("#ops", root).count == 3 }
                    let answers = bot.answers("#ops", root).map { bot.emulator.messageText($0) }
                    #expect(zip(answers, ["First.", "Second.", "Third."]).allSatisfy { $0.contains($1) }, "\(answers)")

                    // Nobody is before the next one.
                    try await bot.allSaid()
                    try await model.script(["text": "Fourth."], in: bot)
                    try bot.emulator.say(as: "ben", in: "#ops", "@omni and at last?", thread: root)
                    try await bot.until("the last is answered") { bot.answers("#ops", root).count == 4 }
                    #expect(bot.emulator.ephemerals("ana").isEmpty && bot.emulator.ephemerals("ben").count == 1)
                }
            }
        }
    }

    @Test("who presses Retry while another question of the thread is answered is told too")
    func retry() async throws {
        let tool = HeldTool()
        try await ModelDouble.run { model in
            try await serveTools(tool, as: "shop") { url in
                var plan = model.plan
                plan.mcps = "mcps:\n  - {name: shop, protocol: http, url: \"\(url)\"}\n"
                plan.emulator.timeouts.acknowledgement = .seconds(30)
                try await InProcessBot.run(plan) { bot in
                    try await model.script(
                        ["text": "First."], ["calls": [["name": "shop__look", "input": [:]]]], ["text": "Second."],
                        ["text": "First again."], in: bot)
                    let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how is it?")
                    try await bot.until("the first is answered") { bot.answers("#ops", root).count == 1 }
                    try await bot.allSaid()
                    try bot.emulator.say(as: "ben", in: "#ops", "@omni and now?", thread: root)
                    try await bot.until("the second is being answered") {
                        try await bot.store.unfinished().map(\.state) == [.working]
                    }
                    let answer = try #require(bot.answers("#ops", root).first)
                    let press = try await bot.emulator.press(
                        as: "ana", in: "#ops", answer.ts, action: AnswerActionsView.retryID)
                    #expect(press.wasAcknowledged)
                    #expect(try await bot.ephemeral(to: "ana").contains("Yours is next."))
                    tool.release()
                    try await bot.until("all are answered") { bot.answers("#ops", root).count == 3 }
                    #expect(bot.emulator.messageText(bot.answers("#ops", root)[2]).contains("First again."))
                }
            }
        }
    }
}
