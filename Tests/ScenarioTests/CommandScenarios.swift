import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

/// Slash commands beside `/omni`, and `!help` in threads.
@Suite("Slash commands", .timeLimit(.minutes(10)))
struct CommandScenarios {
    private var plan: InProcessBot.Plan {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        plan.emulator.timeouts.acknowledgement = .seconds(30)
        return plan
    }

    /// What only the user sees in response to a command.
    private func response(_ bot: InProcessBot, as person: String, _ command: String, _ text: String = "") async throws
        -> String
    {
        let before = bot.emulator.ephemerals(person).count
        _ = try await bot.emulator.command(as: person, in: "#ops", command, text)
        let found = await bot.emulator.waitFor(within: .seconds(60)) {
            $0.ephemerals(person).count > before ? $0.ephemerals(person).last : nil
        }
        return bot.emulator.messageText(try #require(found, "no response to \(command) \(text)"))
    }

    @Test("/omni-tool calls one tool in a thread of its own, is stored as a question, and is listed by /omni-history")
    func toolAndHistory() async throws {
        try await InProcessBot.run(plan) { bot in
            #expect(try await response(bot, as: "ana", "/omni-history").contains("not asked me anything"))
            let root = try await bot.parent(in: "#ops") {
                _ = try await bot.emulator.command(
                    as: "ana", in: "#ops", "/omni-tool", "ops list_deploys service=checkout hours=336")
            }
            #expect(try await bot.answer(in: "#ops", root).contains("checkout"))
            let parent = try #require(bot.emulator.thread("#ops", root).first)
            #expect(parent.text.contains("<@U0ANA> called a tool: ops list_deploys service=checkout hours=336"))
            let row = try #require(try await bot.audit().first)
            #expect(row.requestType == "tool" && row.status == .success && row.iterations == 0)
            #expect(row.userEmail == "ana@acme.example" && row.slackThreadTS == root)
            #expect(row.toolParameters?["service"] == "checkout" && row.toolParameters?["hours"] == 336)
            let question = try #require(row.questionID.flatMap { ULID($0) })
            #expect(try await bot.store.toolCalls(of: question).map(\.name.tool) == ["list_deploys"])

            let wrong = try await bot.parent(in: "#ops") {
                _ = try await bot.emulator.command(as: "ana", in: "#ops", "/omni-tool", "ops list_deploys hours=many")
            }
            #expect(try await bot.answer(in: "#ops", wrong).contains("do not fit ops.list_deploys"))
            #expect(try await response(bot, as: "ana", "/omni-tool", "ops").contains("Which tool?"))
            #expect(try await response(bot, as: "ben", "/omni-tool", "ops list_deploys").contains("needs the role"))
            #expect(try await bot.audit().map(\.wasBlocked) == [true, false, false])

            let history = try await response(bot, as: "ana", "/omni-history")
            #expect(history.contains(" answered · ") && history.contains(" failed · ") && history.contains("$0.0000"))
            #expect(history.contains("open (http"), "the link to the thread")
            let newest = try await response(bot, as: "ana", "/omni-history", "1")
            #expect(newest.contains("hours=many") && !newest.contains("service=checkout"))
            #expect(try await response(bot, as: "ana", "/omni-history", "26").contains("1 to 25"))
            #expect(try await !response(bot, as: "cleo", "/omni-history").contains("list_deploys"))
        }
    }

    @Test("who mistypes a tool or a server is told so alone, with the nearest tool they may use; nothing is stored")
    func noSuchTool() async throws {
        var plan = plan
        plan.mcps =
            plan.mcps.replacing("dba: {allow_all: true}", with: "dba: {deny: [drop_index]}")
            + "\n  - {name: vault, protocol: stdio, command: vault, enabled: false}"
        try await InProcessBot.run(plan) { bot in
            func correction(_ text: String) async throws -> String {
                try await response(bot, as: "ana", "/omni-tool", text)
            }
            let tool = try await correction("ops list_deploy service=checkout")
            #expect(tool.contains("no tool `list_deploy` at `ops`. Did you mean `ops.list_deploys`?"))
            let server = try await correction("opps.list_deploys")
            #expect(server.contains("no server `opps`. Did you mean `ops.list_deploys`?"))
            let denied = try await correction("ops drop_indexx")
            #expect(denied.contains("no tool `drop_indexx` at `ops`.") && !denied.contains("ops.drop_index"))
            #expect(try await response(bot, as: "ben", "/omni-tool", "ops list_deploy").contains("needs the role"))
            #expect(bot.emulator.messages("#ops").allSatisfy { $0.botID == nil })
            #expect(bot.emulator.ephemerals("ben").count == 1 && bot.emulator.ephemerals("cleo").isEmpty)
            let (stored, unfinished) = (try await bot.audit(), try await bot.store.unfinished())
            #expect(stored.isEmpty && unfinished.isEmpty)

            // The tools of a server that is not in use are not known.
            let root = try await bot.parent(in: "#ops") {
                _ = try await bot.emulator.command(as: "ana", in: "#ops", "/omni-tool", "vault read")
            }
            #expect(try await bot.answer(in: "#ops", root).contains("switched off"))
        }
    }

    @Test(
        "/omni-help has topics, of what the user may use; !help answers in Omni's threads only; the status has a queue")
    func helpAndStatus() async throws {
        try await InProcessBot.run(plan) { bot in
            let server = try await response(bot, as: "ben", "/omni-help", "ops")
            #expect(server.contains("ops list_deploys") && server.contains("[service=…]"))
            #expect(!server.contains("drop_index"))
            #expect(try await response(bot, as: "ben", "/omni-help", "limits").contains("40000 characters"))
            let commands = try await response(bot, as: "ben", "/omni-help", "commands")
            #expect(commands.contains("/omni-history") && !commands.contains("/omni-tool"))
            #expect(try await response(bot, as: "ben", "/omni-help", "permissions").contains("Your role is"))
            #expect(try await response(bot, as: "ben", "/omni-help", "examples").contains("No examples"))
            #expect(try await response(bot, as: "ben", "/omni-help", "dance").contains("no help on `dance`"))
            #expect(try await response(bot, as: "cleo", "/omni-status").contains("0 not begun"))

            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            _ = try await bot.answer(in: "#ops", root)
            let other = try bot.emulator.say(as: "ben", in: "#ops", "hello")
            _ = try bot.emulator.say(as: "cleo", in: "#ops", "!help", thread: other)
            _ = try bot.emulator.say(as: "cleo", in: "#ops", "!help tools", thread: root)
            let help = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                snapshot.ephemerals("cleo").first { $0.threadTS == root }
            }
            #expect(bot.emulator.messageText(try #require(help)).contains("list_deploys"))
            _ = try bot.emulator.say(as: "cleo", in: "#ops", "!help dance", thread: root)
            try await bot.isTold("cleo", "no help on `dance`")
            #expect(bot.emulator.ephemerals("cleo").allSatisfy { $0.threadTS != other })
            #expect(try await bot.audit().count == 1)
        }
    }

    @Test("who may use no server is told so by the help, also where the model may ask back")
    func helpWithAskBack() async throws {
        var plan = plan
        plan.settings += "question: {ask_back: true}\n"
        try await InProcessBot.run(plan) { bot in
            let help = try await response(bot, as: "nils", "/omni-help")
            #expect(help.contains(HelpView.noTools) && !help.contains("Questions back"))
            #expect(try await !response(bot, as: "nils", "/omni-help", "servers").contains("Questions back"))
        }
    }
}
