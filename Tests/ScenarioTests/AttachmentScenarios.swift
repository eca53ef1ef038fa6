import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Files that people attach", .timeLimit(.minutes(10)))
struct AttachmentScenarios {
    private static let png: [UInt8] = ChartTools.png(1)
    private static let archive = UserFile("all.zip", [0x50, 0x4B, 3, 4, 20, 0])

    private func said(_ model: ModelDouble, in bot: InProcessBot) async throws -> String {
        ConversationScenarios.said(try await model.journal(in: bot).last)
    }

    @Test(
        "somebody attaches two tables and an archive and asks to compare: the tables are read, also for what is asked next"
    )
    func compare() async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(model.plan) { bot in
                try await model.script(["text": "June has one row more."], ["text": "The last one."], in: bot)
                let latin = UserFile("june.csv", Array("id;Stra".utf8) + [0xDF] + Array("e\nb;2\n".utf8))
                let root = try bot.emulator.say(
                    as: "ana", in: "@ana", "compare the two months",
                    files: [UserFile("may.csv", "id;Größe\na;1\n"), latin, Self.archive])
                let answer = try await bot.answer(in: "@ana", root)
                #expect(answer.contains("June has one row more."))
                #expect(answer.contains("`all.zip` was not read: it is an archive"))
                let first = try await said(model, in: bot)
                #expect(first.contains("<attached_file name=\"may.csv\">\nid;Größe\na;1\n"), "\(first)")
                #expect(first.contains("<attached_file name=\"june.csv\">\nid;Straße\nb;2\n"))
                #expect(first.contains("<attached_file name=\"all.zip\">\n[This file was not read:"))
                #expect(first.contains("</attached_file>\n\ncompare the two months"))
                let row = try #require(try await bot.audit().first)
                #expect(row.message == "compare the two months")

                // The next question of the thread, without files: they are read again, and the archive is not named.
                _ = try bot.emulator.say(as: "ana", in: "@ana", "which row is it?", thread: root)
                let isAnswered = await bot.emulator.waitUntil(within: .seconds(60)) { _ in
                    bot.answers("@ana", root).count == 2
                }
                #expect(isAnswered)
                #expect(try await !bot.answer(in: "@ana", root).contains("all.zip"))
                let later = try await said(model, in: bot)
                #expect(later.contains("<attached_file name=\"june.csv\" from=\"ana@acme.example\">"))
                #expect(later.contains("which row is it?"))
            }
        }
    }

    @Test(
        "one person posts a log, another asks in its thread: the log is read, what was not read is said once, and files of answers are not read"
    )
    func thread() async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.slack = "formatting: {max_table_rows: 1}\n"
            try await InProcessBot.run(plan) { bot in
                let cut = "| step | s |\n|---|---|\n| 1 | 5 |\n| 2 | 9 |"
                let text = "Step 2.\n\n\(cut)\n\nIn all:\n\n| steps | s |\n|---|---|\n| 2 | 14 |"
                try await model.script(["text": .string(text)], ["text": "Still step 2."], in: bot)
                let log = UserFile("deploy.log", "step 1 done\nstep 2 failed\n")
                let root = try bot.emulator.say(as: "ben", in: "#ops", "deploy log", files: [log, Self.archive])
                _ = try bot.emulator.say(as: "ana", in: "#ops", "@omni what failed?", thread: root)
                _ = try await bot.answer(in: "#ops", root)
                try await bot.allSaid()
                let answer = bot.emulator.threadText("#ops", root)
                #expect(answer.contains("Step 2.") && answer.contains("`all.zip` was not read: it is an archive"))
                try await pressTableButton(bot, root)
                let file = "<attached_file name=\"deploy.log\" from=\"ben@acme.example\">\nstep 1 done\nstep 2 failed\n"
                let first = try await said(model, in: bot)
                #expect(first.contains(file), "\(first)")

                _ = try bot.emulator.say(as: "ana", in: "#ops", "@omni and now?", thread: root)
                try await bot.until("the second question is answered") {
                    bot.emulator.threadText("#ops", root).contains("Still step 2.")
                }
                try await bot.allSaid()
                #expect(try await !bot.answer(in: "#ops", root).contains("all.zip"))
                let second = try await said(model, in: bot)
                #expect(second.contains(file))
                #expect(!second.contains("name=\"omni-") && !second.contains("name=\"table-"), "\(second)")
            }
        }
    }

    /// Presses "Download as CSV" below the whole one of two tables; then both tables are files in the thread.
    private func pressTableButton(_ bot: InProcessBot, _ root: String) async throws {
        let table = bot.answers("#ops", root).first {
            JSONValue.array($0.blocks).text().contains(TableButtonView.actionID)
        }
        _ = try await bot.emulator.press(
            as: "ben", in: "#ops", try #require(table).ts, action: TableButtonView.actionID)
        try await bot.until("both tables are files") {
            bot.answers("#ops", root).flatMap(\.files).compactMap { $0["title"]?.string }
                == [UserMessages.tableTitle(1), UserMessages.tableTitle(2)]
        }
    }

    @Test("the asker posts a file without a word below an answer, then what it is: both are answered")
    func fileAlone() async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(model.plan) { bot in
                try await model.script(
                    ["text": "Attach its files."], ["text": "One row."], ["text": "In May."], in: bot)
                let root = try bot.emulator.say(
                    as: "ana", in: "#ops", "@omni how many rows are in it?", files: [Self.archive])
                _ = try await bot.answers(1, in: root)
                _ = try bot.emulator.say(
                    as: "ana", in: "#ops", "", thread: root, files: [UserFile("may.csv", "id\n1\n")])
                _ = try await bot.answers(2, in: root)
                #expect(try await bot.answer(in: "#ops", root).contains("One row."))
                let second = try await said(model, in: bot)
                #expect(second.contains("<attached_file name=\"may.csv\">\nid\n1\n"), "\(second)")
                #expect(second.contains(UserMessages.attachedAlone))
                _ = try bot.emulator.say(as: "ana", in: "#ops", "here it is", thread: root)
                _ = try await bot.answers(3, in: root)
                #expect(try await bot.answer(in: "#ops", root).contains("In May."))
            }
        }
    }

    @Test("a reaction on a message with a log, and the message forwarded: its file is read, and its archive named")
    func quoted() async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.slack = "mentions:\n  reaction_triggers: {enabled: true, reactions: {eyes: analyze}}\n"
            try await InProcessBot.run(plan) { bot in
                try await model.script(["text": "The disk is full."], ["text": "It still is."], in: bot)
                let log = UserFile("error.log", "no space left\n")
                let alert = try bot.emulator.say(as: "ben", in: "#ops", "look", files: [log, Self.archive])
                try bot.emulator.react(as: "ana", in: "#ops", alert, "eyes")
                let answer = try await bot.answer(in: "#ops", alert)
                #expect(answer.contains("The disk is full.") && answer.contains("`all.zip` was not read"))
                let about = try await said(model, in: bot)
                let file = "<attached_file name=\"error.log\" from=\"ben@acme.example\">\nno space left\n"
                #expect(about.contains(file), "\(about)")

                let forwarded = try bot.emulator.share(as: "ana", alert, from: "#ops", to: "@ana", "and now?")
                let direct = try await bot.answer(in: "@ana", forwarded)
                #expect(direct.contains("It still is.") && direct.contains("`all.zip` was not read"))
                let shared = try await said(model, in: bot)
                #expect(shared.contains("<attached_file name=\"error.log\" from=\"U0BEN\">\nno space left\n"))
            }
        }
    }

    @Test("somebody attaches a table where no language model is in use: the answer says that it was not read")
    func offline() async throws {
        try await InProcessBot.run(InProcessBot.Plan()) { bot in
            let root = try bot.emulator.say(as: "ana", in: "@ana", "help", files: [UserFile("may.csv", "a;1")])
            let answer = try await bot.answer(in: "@ana", root)
            #expect(answer.contains("`may.csv` was not read: no language model is in use"), "\(answer)")
            #expect(bot.emulator.snapshot.calls("url_private").isEmpty)
        }
    }

    @Test("somebody shows a picture without a word or in a channel, or a file that is gone: each is answered")
    func pictures() async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(model.plan) { bot in
                try await model.script(["text": "A chart."], ["text": "Another."], ["text": "I cannot."], in: bot)
                // Of a file from another organisation the event has the id only.
                let shot = UserFile("shot.png", Self.png, needsFileInfo: true)
                let direct = try bot.emulator.say(as: "ana", in: "@ana", "", files: [shot])
                #expect(try await bot.answer(in: "@ana", direct).contains("A chart."))
                let content = try await model.journal(in: bot).last?["body"]?["messages"]?.array?.last?["content"]?
                    .array
                #expect(content?.map { $0["type"]?.string } == ["image", "text"])
                let image = Data(Self.png).base64EncodedString()
                #expect(content?.first?["source"]?["data"]?.string == image)
                #expect(content?.last?["text"]?.string?.contains(UserMessages.attachedAlone) == true)

                let mention = try bot.emulator.say(
                    as: "ben", in: "#ops", "@omni and this?", files: [UserFile("b.png", Self.png)])
                #expect(try await bot.answer(in: "#ops", mention).contains("Another."))

                #expect(bot.emulator.snapshot.calls("url_private").map { $0.detail["ok"] } == [true, true])
                bot.emulator.inject(APIFault("url_private", .status(404)))
                let gone = try bot.emulator.say(
                    as: "ben", in: "#ops", "@omni and that?", files: [UserFile("gone.log", "x")])
                let answer = try await bot.answer(in: "#ops", gone)
                #expect(
                    answer.contains("I cannot.") && answer.contains("`gone.log` was not read: Slack does not have it"))
            }
        }
    }
}
