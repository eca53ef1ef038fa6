import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Where Omni may not post, the asker alone is answered", .timeLimit(.minutes(10)))
struct PostingRightsScenarios {
    private func plan(_ posting: WorkspaceChannel.Posting, progressDelay: Duration) throws -> InProcessBot.Plan {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        plan.progressDelay = progressDelay
        let ops = try #require(plan.emulator.channels.firstIndex { $0.name == "ops" })
        plan.emulator.channels[ops].posting = posting
        return plan
    }

    /// The texts of the ephemeral messages to Ana once one of them holds the answer.
    private func answered(_ bot: InProcessBot) async throws -> [String] {
        let found = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
            let own = snapshot.ephemerals("ana")
            return own.contains { $0.blocks.contains { $0["type"] == "markdown" } } ? own : nil
        }
        return try #require(found, "no answer to the asker alone").map { bot.emulator.messageText($0) }
    }

    @Test(
        "somebody asks where Slack forbids Omni to answer, also with a code that Slack adds later",
        arguments: [
            WorkspaceChannel.Posting.nothing, .noThreads, .refused("cannot_reply_to_message"),
            .refused("restricted_action"), .refused("restricted_action_of_next_year"), .refused("team_says_no"),
        ], [Duration.zero, .seconds(60)])
    func mention(posting: WorkspaceChannel.Posting, progressDelay: Duration) async throws {
        try await askWhereForbidden(try plan(posting, progressDelay: progressDelay))
    }

    @Test(
        "somebody asks where Slack forbids Omni to start a stream",
        arguments: [WorkspaceChannel.Posting.nothing, .noThreads])
    func stream(posting: WorkspaceChannel.Posting) async throws {
        var plan = try self.plan(posting, progressDelay: .zero)
        plan.isStreaming = true
        try await askWhereForbidden(plan)
    }

    private func askWhereForbidden(_ plan: InProcessBot.Plan) async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            let texts = try await answered(bot)
            #expect(texts.first?.contains("Slack does not let me post here") == true, "\(texts)")
            #expect(texts.filter { $0.contains("ops.list_services") }.count == 1)
            #expect(bot.emulator.thread("#ops", root).count == 1)
            #expect(try await bot.audit().map(\.status) == [.success])
            #expect(bot.emulator.snapshot.calls("chat.startStream").allSatisfy { $0.detail["ok"] == false })
        }
    }

    @Test("somebody uses the command in a channel that takes replies only")
    func command() async throws {
        try await InProcessBot.run(try plan(.threadsOnly, progressDelay: .zero)) { bot in
            _ = try await bot.emulator.command(as: "ana", in: "#ops", "/omni", "list the services")
            let texts = try await answered(bot)
            #expect(texts.first?.contains("restricted_action_thread_only_channel") == true)
            #expect(texts.last?.contains("ops.list_services") == true)
            // A mention there is answered in its thread.
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            #expect(try await bot.answer(in: "#ops", root).contains("ops.list_services"))
        }
    }

    @Test("a long answer in a channel without Omni reaches the asker as a file in their direct messages")
    func longAnswer() async throws {
        try await ModelDouble.run { model in
            try await InProcessBot.run(model.plan) { bot in
                let words = (1...7_000).map { "word\($0)" }.joined(separator: " ")
                try await model.script(["text": .string(words)], in: bot)
                _ = try await bot.emulator.command(as: "ana", in: "#private-ops", "/omni", "tell me all")
                let file = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                    snapshot.messages("@ana").flatMap(\.files).first {
                        $0["title"] == .string(UserMessages.answerTitle)
                    }
                }
                let size = try #require(file, "the answer is longer than four messages, so that it is a file")["size"]
                #expect(size?.int ?? 0 >= words.utf8.count)
                let shown = bot.emulator.ephemerals("ana").flatMap(\.blocks).compactMap { $0["text"]?.string }
                #expect(shown.contains { $0.contains("word1 word2") }, "its beginning is shown to the asker")
                let pointer = bot.emulator.ephemerals("ana").suffix(1).map { bot.emulator.messageText($0) }
                #expect(pointer.first?.contains("direct messages") == true)
            }
        }
    }
}
