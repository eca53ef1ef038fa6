import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("A model that cannot be reached", .timeLimit(.minutes(10)))
struct ModelTroubleScenarios {
    @Test("with a refused key people read nothing of keys, and the administrators are told once")
    func refusedKey() async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.environment["ANTHROPIC_API_KEY"] = "sk-ant-wrong-0123456789"
            plan.slack = "channels: {admin_alerts: {enabled: true, channel: \"#general\"}}\n"
            try await InProcessBot.run(plan) { bot in
                for person in ["ana", "ben"] {
                    let root = try bot.emulator.say(as: person, in: "#ops", "@omni why is checkout slow?")
                    let answer = try await bot.answer(in: "#ops", root)
                    #expect(answer.contains("Omni cannot reach its model; its administrators have been told."))
                    let errorID = try #require(answer.firstMatch(of: /E-[0-9A-Z]{8}/)).output
                    // The error id is random, and may contain the word by chance.
                    let words = answer.replacing(errorID, with: "").lowercased()
                    #expect(!words.contains("key"))
                }
                let line = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                    snapshot.messages("#general").last { $0.botID != nil }
                }
                let text = bot.emulator.messageText(try #require(line, "the administrators were not told"))
                #expect(text.contains("did not accept the API key") && text.contains("HTTP 401"))
                #expect(!text.contains("sk-ant"))
                // The second question failed before its answer was read above, so that its alert would be here.
                #expect(bot.emulator.messages("#general").filter { $0.botID != nil }.count == 1)
            }
        }
    }

    @Test(
        "what the model wrote before the deadline stays, in messages as long as slack.yaml says, with the failure below",
        arguments: [(true, 8_000), (false, 8_000), (false, 500)])
    func deadline(isStreaming: Bool, mostText: Int) async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.settings += "\nquestion: {deadline_seconds: 10}\n"
            plan.slack = "formatting: {max_message_length: \(mostText)}\n"
            plan.isStreaming = isStreaming
            try await InProcessBot.run(plan) { bot in
                let words = (1...300).map { "steady \($0)" }.joined(separator: " ")
                try await model.script(["text": .string(words), "pause": 600, "after_events": 250], in: bot)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how are they?")
                try await bot.until("the failure is told") {
                    bot.emulator.threadText("#ops", root).contains("was not ready within 10 s")
                }
                try await bot.allSaid()
                let answers = bot.answers("#ops", root)
                let markdown = answers.flatMap(\.blocks).filter { $0["type"] == "markdown" }
                    .compactMap { $0["text"]?.string }
                #expect((answers.count > 1) == (mostText == 500))
                #expect(!markdown.isEmpty && markdown.allSatisfy { $0.utf16.count <= mostText }, "\(markdown)")
                let shown = answers.map { bot.emulator.messageText($0) }.joined(separator: "\n")
                #expect(shown.contains("steady 20") && shown.contains("was not ready within 10 s"), "\(shown)")
                #expect(JSONValue.array(answers.flatMap(\.blocks)).text().contains(AnswerActionsView.retryID))
                #expect(try await bot.audit().map(\.errorCode) == [ErrorCode.deadline.rawValue])
            }
        }
    }

    @Test("an overload is waited out, and the thread shows the wait")
    func overload() async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(model.plan) { bot in
                try await model.script(["fault": "rate_limit", "retry_after": 6], ["text": "Here you are."], in: bot)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni hello there")
                let progress = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                    snapshot.thread("#ops", root).first { $0.text.contains("waits 6 s") }
                }
                #expect(progress != nil, "\(bot.emulator.threadText("#ops", root))")
                #expect(try await bot.answer(in: "#ops", root).contains("Here you are."))
            }
        }
    }
}
