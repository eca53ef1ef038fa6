import Bridge
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Tables and long answers in Slack", .timeLimit(.minutes(10)))
struct AnswerFormScenarios {
    private static let table = "Here:\n\n| service | ms |\n|---|---|\n| shop | 120 |\n| pay | 80 |"
    private static let long = (0..<1_200).map { "Sentence \($0) of a long answer." }.joined(separator: "\n\n")

    /// Runs Omni with a model that answers with this text.
    private func run(
        _ text: String, slack: String = "", _ options: EmulatorOptions = EmulatorOptions(),
        _ body: @escaping @Sendable (InProcessBot) async throws -> Void
    ) async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["text": .string(text)]])
            var plan = model.plan
            plan.emulator = options
            plan.slack = slack
            try await InProcessBot.run(plan) { bot in try await body(bot) }
        }
    }

    private func titles(_ messages: [EmulatedMessage]) -> [String] {
        messages.flatMap(\.files).compactMap { $0["title"]?.string }
    }

    @Test("a table of the model's is one in Slack, and a colleague's press puts it into the thread as CSV")
    func table() async throws {
        try await run(Self.table) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how slow are we?")
            #expect(try await bot.answer(in: "#ops", root).contains("shop    │ 120"))
            try await bot.allSaid()
            let message = try #require(bot.answers("#ops", root).last)
            #expect(message.blocks.map { $0["type"]?.string }.prefix(3) == ["markdown", "table", "actions"])
            let press = try await bot.emulator.press(
                as: "ben", in: "#ops", message.ts, action: TableButtonView.actionID)
            #expect(press.wasAcknowledged)
            try await bot.until("the file is there") {
                titles(bot.emulator.thread("#ops", root)) == [UserMessages.tableTitle(1)]
            }
        }
    }

    @Test("with max_table_rows the rest of a table is in a file, and with table_format: markdown it is text")
    func tableKeys() async throws {
        try await run(Self.table, slack: "formatting: {max_table_rows: 1}\n") { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how slow are we?")
            let file = UserMessages.tableTitle(1)
            let cut = UserMessages.tableCut(1, of: 2, columns: 2, file: file)
            try await bot.until("the answer is there") { bot.emulator.threadText("#ops", root).contains(cut) }
            try await bot.until("the file is there") { titles(bot.answers("#ops", root)) == [file] }
            #expect(!bot.emulator.threadText("#ops", root).contains("pay"))
        }
        try await run(Self.table, slack: "formatting: {table_format: markdown}\n") { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni how slow are we?")
            #expect(try await bot.answer(in: "#ops", root).contains("120"))
            let blocks = try #require(bot.answers("#ops", root).last).blocks
            #expect(blocks.first?["text"]?.string?.contains("```") == true, "columns are aligned in code")
            #expect(!blocks.contains { $0["type"] == "table" })
        }
    }

    @Test("the table of a private answer goes to its asker's direct messages, and to nobody else")
    func privateTable() async throws {
        let slack = "channel_rules: {\"#ops\": {visibility: private}}\n"
        try await run(Self.table, slack: slack) { bot in
            _ = try bot.emulator.say(as: "ana", in: "#ops", "@omni how slow are we?")
            let found = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                snapshot.ephemerals("ana").first { $0.blocks.contains { $0["type"] == "table" } }
            }
            let message = try #require(found, "no private answer")
            try await bot.allSaid()
            _ = try await bot.emulator.press(as: "ana", in: "#ops", message.ts, action: TableButtonView.actionID)
            try await bot.until("the file is there") {
                titles(bot.emulator.messages("@ana")) == [UserMessages.tableTitle(1)]
            }
            try await bot.until("ana is told where it is") {
                bot.emulator.ephemerals("ana").contains { $0.text == UserMessages.tableSentDirectly }
            }
            // A message of Omni's with the same button, as if ben had forged the press.
            let forged = try await bot.omni.acceptor.otherProcess.api.post(
                SlackMessage(
                    text: "Press.", blocks: message.blocks.filter { $0["type"] == "actions" }.prefix(1).map { $0 }),
                in: "C0OPS", thread: nil)
            _ = try await bot.emulator.press(as: "ben", in: "#ops", forged.ts, action: TableButtonView.actionID)
            #expect(try await bot.ephemeral(to: "ben").contains(UserMessages.answerNotYours))
            #expect(titles(bot.emulator.messages("#ops") + bot.emulator.messages("@ben")).isEmpty)
        }
    }

    @Test("an answer of 40,000 characters is its beginning and a file in the thread")
    func long() async throws {
        try await run(Self.long) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni tell me all")
            #expect(try await bot.answer(in: "#ops", root).contains("The whole answer"))
            try await bot.allSaid()
            let messages = bot.answers("#ops", root)
            #expect(messages.count == 2, "\(messages.map(\.text))")
            #expect(titles(messages) == [UserMessages.answerTitle])
        }
    }

    @Test("without the scope for files the whole answer follows as messages")
    func withoutFiles() async throws {
        var options = EmulatorOptions()
        options.scopes.remove("files:write")
        try await run(Self.long, options) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni tell me all")
            _ = try await bot.answer(in: "#ops", root)
            try await bot.allSaid()
            let text = bot.answers("#ops", root).map { bot.emulator.messageText($0) }.joined(separator: "\n")
            #expect(text.contains("`files:write`"))
            for number in [0, 600, 1_199] { #expect(text.contains("Sentence \(number) of")) }
        }
    }
}
