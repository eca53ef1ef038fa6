import Analytics
import Bridge
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("The buttons under an answer", .timeLimit(.minutes(10)))
struct AnswerButtonScenarios {
    private static let comment = "The list is outdated."

    /// Cleo is an administrator who may use no server.
    private var plan: InProcessBot.Plan {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        plan.users = plan.users.replacing("slack_user_id: U0CLEO}", with: "slack_user_id: U0CLEO, allowed_mcps: []}")
        plan.emulator.timeouts.acknowledgement = .seconds(30)
        plan.emulator.timeouts.trigger = .seconds(30)
        return plan
    }

    /// An answer in a thread, and its question.
    private struct Shown {
        let message: EmulatedMessage
        let question: ULID
    }

    private func isAnswer(_ message: EmulatedMessage) -> Bool {
        message.blocks.contains { $0["type"] == "context_actions" }
    }

    private func shown(_ message: EmulatedMessage) throws -> Shown {
        let buttons = message.blocks.flatMap { $0["elements"]?.array ?? [] }
        let retry = buttons.first { $0["action_id"]?.string == AnswerActionsView.retryID }
        return Shown(message: message, question: try #require(retry?["value"]?.string.flatMap { ULID($0) }))
    }

    /// The thread's answers, once there are `count` and they are delivered.
    private func answers(_ bot: InProcessBot, _ root: String, _ count: Int = 1) async throws -> [Shown] {
        try await bot.until("there are \(count) answers") {
            let found = bot.emulator.thread("#ops", root).filter(isAnswer)
            let isIdle = try await bot.store.unfinished().isEmpty
            return found.count == count && isIdle
        }
        return try bot.emulator.thread("#ops", root).filter(isAnswer).map(shown)
    }

    private func press(
        _ bot: InProcessBot, _ action: String, _ value: String? = nil, of shown: Shown, as person: String
    ) async throws {
        let press = try await bot.emulator.press(
            as: person, in: "#ops", shown.message.ts, action: action, value: value)
        #expect(press.wasAcknowledged, "\(action) by \(person)")
    }

    private func press(
        _ bot: InProcessBot, _ vote: Feedback.Vote, on shown: Shown, as person: String
    ) async throws {
        try await press(
            bot, FeedbackView.actionID, "\(shown.question) \(vote.rawValue)", of: shown, as: person)
    }

    /// Submits ``comment`` in the modal after a 👎.
    private func submitComment(_ bot: InProcessBot, as person: String) async throws -> ViewOutcome {
        let id = try await modal(bot, of: person)["id"]?.string ?? ""
        let input: JSONValue = ["type": "plain_text_input", "value": .string(Self.comment)]
        return try await bot.emulator.submitView(as: person, id, values: ["comment": ["comment": input]])
    }

    /// The user's open modal.
    private func modal(_ bot: InProcessBot, of person: String) async throws -> JSONValue {
        let found = await bot.emulator.waitFor(within: .seconds(60)) { $0.modals(person).last }
        return try #require(found, "no modal for \(person)")
    }

    @Test("a colleague votes 👍, then 👎 with a comment; the last vote counts, and only with a 👎 there is a comment")
    func feedback() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            let answer = try #require(try await answers(bot, root).first)
            func vote(_ vote: Feedback.Vote) async throws {
                try await press(bot, vote, on: answer, as: "ben")
                try await bot.until("the vote is stored") {
                    try await bot.store.feedback(on: answer.question).map(\.vote) == [vote]
                }
            }
            func submit() async throws -> ViewOutcome { try await submitComment(bot, as: "ben") }
            try await vote(.up)
            try await bot.isTold("ben", "your feedback is stored")
            try await vote(.down)
            let sent = try await submit()
            #expect(sent.isTaken && bot.emulator.snapshot.modals("ben").isEmpty)
            let stored = try await bot.store.feedback(on: answer.question)
            #expect(stored.map(\.voter) == ["ben@acme.example"] && stored.map(\.comment) == [Self.comment])

            try await vote(.down)
            _ = try await modal(bot, of: "ben")
            try await vote(.up)
            let late = try await submit()
            #expect(!late.isTaken && late.problems["comment"]?.contains("not stored") == true)
            let rest = try await bot.store.feedback(on: answer.question)
            #expect(rest.map(\.comment) == [nil])
        }
    }

    @Test("an administrator sees votes and comments in the details and in view-logs, an asker only their own vote")
    func votesShown() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            let answer = try #require(try await answers(bot, root).first)
            try await press(bot, .up, on: answer, as: "ana")
            try await bot.isTold("ana", "your feedback is stored")
            try await press(bot, .down, on: answer, as: "ben")
            let sent = try await submitComment(bot, as: "ben")
            #expect(sent.isTaken)

            try await press(bot, AnswerActionsView.detailsID, of: answer, as: "cleo")
            let administrator = try await modal(bot, of: "cleo").text()
            #expect(administrator.contains("Bad answer · ben@acme.example") && administrator.contains(Self.comment))
            #expect(administrator.contains("Good answer · ana@acme.example"))
            try await press(bot, AnswerActionsView.detailsID, of: answer, as: "ana")
            let asker = try await modal(bot, of: "ana").text()
            #expect(asker.contains("Good answer · ana@acme.example"))
            #expect(!asker.contains("ben@") && !asker.contains(Self.comment))
            _ = try await bot.emulator.command(as: "cleo", in: "#ops", "/omni-admin", "view-logs")
            try await bot.isTold("cleo", "👎 bad answer: \(Self.comment)")
        }
    }

    @Test("Retry is for the asker and administrators and asks once; the details show each what they may see")
    func retryAndDetails() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            let first = try #require(try await answers(bot, root).first)
            for action in [AnswerActionsView.retryID, AnswerActionsView.detailsID] {
                try await press(bot, action, of: first, as: "ben")
                try await bot.until("ben is refused") {
                    let refusals = bot.emulator.ephemerals("ben").filter { $0.text.contains("Only the person") }
                    return refusals.count == (action == AnswerActionsView.retryID ? 1 : 2)
                }
            }
            #expect(bot.emulator.snapshot.modals("ben").isEmpty)

            try await press(bot, AnswerActionsView.retryID, of: first, as: "ana")
            let second = try #require(try await answers(bot, root, 2).last)
            try await press(bot, AnswerActionsView.retryID, of: first, as: "ana")
            try await bot.isTold("ana", "already asked again")
            try await press(bot, AnswerActionsView.retryID, of: second, as: "cleo")
            // Cleo may not use the tool, and a refusal has no buttons.
            try await bot.until("cleo is refused") { try await bot.audit().count == 3 }
            let rows = try await bot.audit()
            #expect(rows.map(\.retryOf) == [second.question.text, first.question.text, nil])
            #expect(rows.map(\.userEmail) == ["cleo@acme.example", "ana@acme.example", "ana@acme.example"])
            #expect(Set(rows.map(\.message)).count == 1)

            try await press(bot, AnswerActionsView.detailsID, of: first, as: "ana")
            let own = try await modal(bot, of: "ana").text()
            #expect(own.contains("ops.list_services") && own.contains("rich_text_preformatted"))
            #expect(!own.contains("tokens in"))
            try await press(bot, AnswerActionsView.detailsID, of: first, as: "cleo")
            let administrator = try await modal(bot, of: "cleo").text()
            #expect(administrator.contains("ops.list_services") && administrator.contains("tokens in"))
            #expect(administrator.contains("hidden") && !administrator.contains("rich_text_preformatted"))
        }
    }

    @Test("Retry under the answer of /omni-tool calls the same tool again, without a model")
    func retryOfCall() async throws {
        try await InProcessBot.run(plan) { bot in
            let root = try await bot.parent(in: "#ops") {
                _ = try await bot.emulator.command(
                    as: "ana", in: "#ops", "/omni-tool", "ops list_deploys service=checkout hours=336")
            }
            let first = try #require(try await answers(bot, root).first)
            try await press(bot, AnswerActionsView.retryID, of: first, as: "ana")
            _ = try await answers(bot, root, 2)
            let rows = try await bot.audit()
            #expect(rows.map(\.requestType) == ["tool", "tool"] && rows.map(\.iterations) == [0, 0])
            #expect(rows.map(\.retryOf) == [first.question.text, nil])
        }
    }

    @Test("the details of a command in direct messages show its arguments, also with a rule for a channel by its name")
    func detailsInDirectMessages() async throws {
        var plan = plan
        plan.slack = "channel_rules: {\"#incidents\": {read_only: true}}\n"
        try await InProcessBot.run(plan) { bot in
            let root = try await bot.parent(in: "@ana") {
                _ = try await bot.emulator.command(
                    as: "ana", in: "@ana", "/omni-tool", "ops list_deploys service=checkout hours=336")
            }
            _ = try await bot.answer(in: "@ana", root)
            try await bot.allSaid()
            let answer = try #require(bot.answers("@ana", root).first(where: isAnswer))
            let press = try await bot.emulator.press(
                as: "ana", in: "@ana", answer.ts, action: AnswerActionsView.detailsID)
            #expect(press.wasAcknowledged)
            let details = try await modal(bot, of: "ana").text()
            #expect(details.contains("ops.list_deploys") && details.contains("336") && !details.contains("hidden"))
        }
    }

    @Test("a private answer stays with its asker: others learn nothing of it, and its repetition is private too")
    func privateAnswer() async throws {
        var plan = plan
        plan.slack = "channel_rules: {\"#ops\": {visibility: private}}\n"
        try await InProcessBot.run(plan) { bot in
            _ = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            func own() -> [EmulatedMessage] { bot.emulator.ephemerals("ana").filter(isAnswer) }
            try await bot.until("the answer is there") { own().count == 1 }
            let answer = try shown(try #require(own().first))
            let forged = AnswerActionsView(answer.question, mayBeShown: false, isOn: true)
                .adding(to: [SectionView.message("Press.")], .cancelled(Usage()))
            let address = try await bot.omni.acceptor.otherProcess.api.post(
                try #require(forged.last), in: "C0OPS", thread: nil)
            for action in [AnswerActionsView.retryID, AnswerActionsView.detailsID] {
                let press = try await bot.emulator.press(as: "cleo", in: "#ops", address.ts, action: action)
                #expect(press.wasAcknowledged)
            }
            try await bot.until("cleo is refused twice") {
                bot.emulator.ephemerals("cleo").count { $0.text.contains("for the person who asked") } == 2
            }
            #expect(bot.emulator.snapshot.modals("cleo").isEmpty)
            try await press(bot, AnswerActionsView.detailsID, of: answer, as: "ana")
            let details = try await modal(bot, of: "ana").text()
            #expect(details.contains("ops.list_services"))
            try await press(bot, AnswerActionsView.retryID, of: answer, as: "ana")
            try await bot.until("the second answer is there") { own().count == 2 }
            #expect(try await bot.audit().count == 2)
        }
    }
}
