import Analytics
import Bridge
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("`!retry`, and Continue at the limit of turns", .timeLimit(.minutes(10)))
struct AskingAgainScenarios {
    private func buttons(_ message: EmulatedMessage?) -> [String] {
        (message?.blocks ?? []).flatMap { $0["elements"]?.array ?? [] }.compactMap { $0["action_id"]?.string }
    }

    @Test("!retry: people's own newest question is asked again; an administrator's is the thread's; once each")
    func retry() async throws {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        plan.emulator.timeouts.acknowledgement = .seconds(30)
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            func write(_ person: String) throws {
                _ = try bot.emulator.say(as: person, in: "#ops", "!retry", thread: root)
            }
            func asked(_ count: Int) async throws -> [AuditRow] {
                try await bot.until("\(count) questions are answered") { try await bot.audit().count == count }
                try await bot.allSaid()
                return try await bot.audit()
            }
            _ = try await asked(1)
            try write("ben")
            try await bot.isTold("ben", UserMessages.nothingOfYoursToRetry)
            try write("ana")
            _ = try await asked(2)
            try write("cleo")
            let rows = try await asked(3)
            #expect(rows.map(\.userEmail) == ["cleo@acme.example", "ana@acme.example", "ana@acme.example"])
            #expect(rows.map(\.retryOf) == [rows[1].questionID, rows[2].questionID, nil])
            #expect(Set(rows.map(\.message)) == ["list the services"])
            // Ana's newest is the one that Cleo has asked again.
            try write("ana")
            let all = try await asked(4)
            #expect(all.first?.userEmail == "ana@acme.example" && all.first?.retryOf == rows[1].questionID)
            let second = bot.answers("#ops", root)[1]
            let press = try await bot.emulator.press(
                as: "ana", in: "#ops", second.ts, action: AnswerActionsView.retryID)
            #expect(press.wasAcknowledged)
            try await bot.isTold("ana", UserMessages.askedAgainAlready)
            _ = try bot.emulator.say(as: "ben", in: "#ops", "@omni !retry")
            try await bot.isTold("ben", "There is no question to ask again here")
            #expect(try await bot.audit().count == 4)
        }
    }

    @Test("!retry works in a thread of direct messages, and there says as a message when there is nothing to retry")
    func direct() async throws {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "@ana", "list the services")
            _ = try await bot.answer(in: "@ana", root)
            try await bot.allSaid()
            _ = try bot.emulator.say(as: "ana", in: "@ana", "!retry", thread: root)
            try await bot.until("there are two answers") { bot.answers("@ana", root).count == 2 }
            _ = try bot.emulator.say(as: "ana", in: "@ana", "!retry")
            try await bot.until("ana is told") {
                bot.emulator.messages("@ana").contains { $0.text.contains("There is no question to ask again here") }
            }
            #expect(try await bot.audit().count == 2)
        }
    }

    @Test("a question that is not answered yet is not asked again")
    func open() async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.settings += "\nquestion: {ask_back: true}\n"
            try await InProcessBot.run(plan) { bot in
                let choose: JSONValue = [
                    "name": "omni2_ask_back__choose",
                    "input": ["question": "Which one do you mean?", "choices": ["prod", "test"]],
                ]
                try await model.script(["calls": [choose]], in: bot)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni is it slow?")
                try await bot.until("the question waits") {
                    try await bot.store.unfinished().map(\.state) == [.waiting]
                }
                _ = try bot.emulator.say(as: "ana", in: "#ops", "!retry", thread: root)
                try await bot.isTold("ana", UserMessages.retryTooEarly)
                #expect(try await bot.store.unfinished().count == 1)
            }
        }
    }

    /// A bot whose model has two turns, and which is asked what was deployed.
    private func atTheLimit(
        threading: String = "",
        _ then: @escaping @Sendable (InProcessBot, ModelDouble, _ root: String) async throws -> Void
    ) async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.settings = """
                app: {port: 0}
                llm: {provider: anthropic, model: claude-sonnet-5-5, max_iterations: 2}
                """
            plan.mcps = SlackQuestionScenarios.ops
            plan.threading = threading
            plan.emulator.timeouts.acknowledgement = .seconds(30)
            try await InProcessBot.run(plan) { bot in
                try await model.script(
                    ["calls": [["name": "ops__list_deploys", "input": [:]]]], ["text": "Three so far."],
                    ["text": "The rest is fine."], in: bot)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni what was deployed?")
                _ = try await bot.answers(1, in: root)
                try await bot.allSaid()
                try await then(bot, model, root)
            }
        }
    }

    @Test("at the limit of turns the answer says so, and its asker presses Continue and gets the rest, once")
    func continued() async throws {
        try await atTheLimit { bot, model, root in
            let first = try #require(bot.answers("#ops", root).first)
            let shown = bot.emulator.messageText(first)
            #expect(shown.contains("Three so far.") && shown.contains(UserMessages.warning(.maxIterations)))
            #expect(buttons(first).prefix(2) == [AnswerActionsView.continueID, AnswerActionsView.retryID])
            func press(_ person: String) async throws {
                let press = try await bot.emulator.press(
                    as: person, in: "#ops", first.ts, action: AnswerActionsView.continueID)
                #expect(press.wasAcknowledged)
            }
            try await press("ben")
            try await bot.isTold("ben", UserMessages.onlyAskerOrAdmin)
            try await press("ana")
            let second = try #require(try await bot.answers(2, in: root).last)
            try await bot.allSaid()
            #expect(bot.emulator.messageText(second).contains("The rest is fine."))
            #expect(!buttons(second).contains(AnswerActionsView.continueID))
            for person in ["ana", "cleo"] {
                try await press(person)
                try await bot.isTold(person, UserMessages.continuedAlready)
            }

            let rows = try await bot.audit()
            #expect(rows.map(\.iterations) == [1, 2] && rows.map(\.retryOf) == [nil, nil])
            #expect(rows.map(\.warning) == [nil, AnswerWarning.maxIterations.rawValue])
            #expect(rows.map(\.userEmail) == ["ana@acme.example", "ana@acme.example"])
            let requests = try await model.journal(in: bot)
            #expect(requests.count == 3)
            let said = ConversationScenarios.said(requests.last)
            #expect(said.contains("Continue: your answer") && said.contains("Three so far."))
            #expect(said.contains("<untrusted_tool_output tool=\"ops.list_deploys\">"), "what was found")
        }
    }

    @Test("where a question has no history of its thread there is no Continue")
    func withoutHistory() async throws {
        try await atTheLimit(threading: "threading: {context: {enabled: false}}\n") { bot, _, root in
            let answer = bot.answers("#ops", root).first
            #expect(buttons(answer).first == AnswerActionsView.retryID)
        }
    }

    @Test("an administrator continues the answer to another, under an own name")
    func administrator() async throws {
        try await atTheLimit { bot, _, root in
            let first = try #require(bot.answers("#ops", root).first)
            let press = try await bot.emulator.press(
                as: "cleo", in: "#ops", first.ts, action: AnswerActionsView.continueID)
            #expect(press.wasAcknowledged)
            _ = try await bot.answers(2, in: root)
            try await bot.allSaid()
            let rows = try await bot.audit()
            #expect(rows.map(\.userEmail) == ["cleo@acme.example", "ana@acme.example"])
        }
    }
}
