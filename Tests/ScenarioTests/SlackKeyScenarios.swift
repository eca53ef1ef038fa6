import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

/// Keys of slack.yaml and mcps.yaml whose effect people see in Slack.
@Suite("Keys of the configuration in Slack", .timeLimit(.minutes(10)))
struct SlackKeyScenarios {
    private func plan(_ slack: String, mcps: String = SlackQuestionScenarios.ops) -> InProcessBot.Plan {
        var plan = InProcessBot.Plan()
        plan.mcps = mcps
        plan.slack = slack
        return plan
    }

    @Test("in a channel with visibility: private only the asker sees the answer, and nothing is posted before it")
    func privateChannel() async throws {
        var plan = plan("channel_rules: {\"#ops\": {visibility: private}}\n")
        plan.progressDelay = .zero
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            #expect(try await bot.ephemeral(to: "ana").contains("ops.list_services"))
            _ = try await bot.emulator.command(as: "ben", in: "#ops", "/omni", "list the services")
            #expect(try await bot.ephemeral(to: "ben").contains("ops.list_services"))
            #expect(bot.emulator.thread("#ops", root).count == 1)
            #expect(bot.emulator.messages("#ops").allSatisfy { $0.botID == nil })
            let other = try bot.emulator.say(as: "ana", in: "@ana", "list the services")
            #expect(try await bot.answer(in: "@ana", other).contains("ops.list_services"))
        }
    }

    @Test("an answer with data of a server with visibility: private is for its asker, and so is one that recalls it")
    func privateServer() async throws {
        let arguments = "args: [demo-mcp]"
        let mcps = SlackQuestionScenarios.ops.replacing(arguments, with: "\(arguments)\n    visibility: private")
        var plan = plan("", mcps: mcps)
        plan.progressDelay = .zero
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            #expect(try await bot.ephemeral(to: "ana").contains("ops.list_services"))
            try await bot.until("everybody is told that it was answered") {
                bot.emulator.thread("#ops", root).last.map { bot.emulator.messageText($0).contains("answered this") }
                    ?? false
            }
            #expect(
                bot.emulator.messages("#ops").allSatisfy { !bot.emulator.messageText($0).contains("list_services") })
            _ = try bot.emulator.say(as: "ana", in: "#ops", "@omni hello again", thread: root)
            let second = await bot.emulator.waitFor(within: .seconds(60)) {
                $0.ephemerals("ana").count >= 2 ? true : nil
            }
            #expect(second == true)
        }
    }

    @Test("commands[].enabled and required_role decide who may use a slash command; the help shows the others' hints")
    func commands() async throws {
        let slack = """
            commands:
              - {command: /omni, required_role: dba, description: Ask anything, usage_hint: "/omni [your question]"}
              - {command: /omni-status, enabled: false}
              - {command: /omni-help, required_role: all}
            """
        try await InProcessBot.run(plan(slack)) { bot in
            _ = try await bot.emulator.command(as: "ben", in: "#ops", "/omni", "list the services")
            #expect(try await bot.ephemeral(to: "ben").contains("needs the role"))
            #expect(try await bot.audit().first?.blockReason?.contains("required_role") == true)
            _ = try await bot.emulator.command(as: "cleo", in: "#ops", "/omni-status")
            #expect(try await bot.ephemeral(to: "cleo").contains("switched off"))
            _ = try await bot.emulator.command(as: "ana", in: "#ops", "/omni-help")
            let help = try await bot.ephemeral(to: "ana")
            #expect(help.contains("/omni [your question]") && help.contains("Ask anything"))
            #expect(!help.contains("/omni-status"))
            let root = try await bot.parent(in: "#ops") {
                _ = try await bot.emulator.command(as: "ana", in: "#ops", "/omni", "list the services")
            }
            #expect(try await bot.answer(in: "#ops", root).contains("ops.list_services"))
        }
    }

    @Test("/omni-admin needs the permissions can_manage_users and can_modify_config, besides its required_role")
    func administration() async throws {
        var plan = plan("commands: [{command: /omni-admin, required_role: dba}]\n")
        plan.users += """

            roles:
              dba: {permissions: {can_manage_users: true}}
            """
        try await InProcessBot.run(plan) { bot in
            func say(_ who: String, _ text: String) async throws -> String {
                let before = bot.emulator.ephemerals(who).count
                _ = try await bot.emulator.command(as: who, in: "#ops", "/omni-admin", text)
                let found = await bot.emulator.waitFor(within: .seconds(60)) {
                    $0.ephemerals(who).count > before ? $0.ephemerals(who).last : nil
                }
                return bot.emulator.messageText(try #require(found))
            }
            _ = try await bot.store.add(
                SeenUser(team: "", slackUserID: "U0NEW", email: "nils@acme.example", name: "Nils", role: "read_only"))
            #expect(try await say("ben", "list-users").contains("needs the role"))
            #expect(try await say("ana", "list-users").contains("nils@acme.example"))
            #expect(try await say("ana", "promote-user nils@acme.example admin").contains("above yours"))
            #expect(try await say("ana", "promote-user nils@acme.example power_user").contains("power_user"))
            #expect(try await bot.store.user(email: "nils@acme.example")?.role == "power_user")
            #expect(try await say("ana", "promote-user ben@acme.example dba").contains("users.yaml"))
            #expect(try await say("ana", "reload-config").contains("can_modify_config"))
            #expect(try await say("cleo", "reload-config").contains("unchanged"))
            #expect(try await say("cleo", "dance").contains("list-users"))

            #expect(try await say("ana", "promote-user nils@acme.example read_only").contains("not above"))
            #expect(try await say("ana", "demote-user <@U0NEW>").contains("before it was *power_user*"))
            #expect(try await bot.store.user(email: "nils@acme.example")?.role == "read_only")
            #expect(try await say("ana", "disable-user cleo@acme.example").contains("above yours"))
            #expect(try await say("cleo", "disable-user cleo@acme.example").contains("that is you"))
            #expect(try await say("cleo", "disable-user ben@acme.example").contains("is disabled"))
            #expect(try await say("ben", "list-users").contains("switched off"), "also whom users.yaml names")
            #expect(try await say("cleo", "enable-user ben@acme.example").contains("is enabled"))
            #expect(try await say("cleo", "disable-user nils@acme.example").contains("is disabled"))
            _ = try await bot.emulator.command(as: "nils", in: "#ops", "/omni", "list the services")
            #expect(try await bot.ephemeral(to: "nils").contains("switched off"))
            #expect(try await say("cleo", "view-logs 5").contains("refused by `identity`"))
            #expect(try await say("ana", "view-logs").contains("administrators"))
            let events = try await bot.store.adminEvents().filter { $0.action != "config.reloaded" }
            #expect(
                events.map { "\($0.actor.prefix(4)) \($0.action)" } == [
                    "cleo audit.viewed", "cleo user.disabled", "cleo user.enabled", "cleo user.disabled",
                    "ana@ user.role", "ana@ user.role",
                ])
        }
    }

    @Test("a file that is lost while Omni runs is told in the channel of channels.admin_alerts")
    func lostFile() async throws {
        let slack = """
            channels: {admin_alerts: {channel: "#ops"}}
            allowed_channels: {mode: whitelist, whitelist: [ops]}
            """
        var plan = plan(slack)
        plan.reloadInterval = .milliseconds(100)
        try await InProcessBot.run(plan) { bot in
            try FileManager.default.removeItem(at: bot.folder.appending(path: "config/slack.yaml"))
            let told = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
                snapshot.messages("#ops").first { $0.text.contains("slack.yaml") && $0.text.contains("is gone") }
            }
            #expect(told != nil)
            #expect(bot.omni.app.live.current.slack.allowedChannels.mode == .whitelist)
        }
    }

    @Test("a direct message is answered as dm_default_command says; ack_message and bot_name are what people read")
    func words() async throws {
        let slack = """
            slack: {bot_name: Bridge}
            behavior: {ack_message: "On it!", query_timeout_seconds: 1, streaming: false, response_style: minimal}
            mentions: {dm_default_command: /omni-status}
            """
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["delay": 8, "text": "Here."]])
            var plan = model.plan
            plan.slack = slack
            plan.progressDelay = .zero
            try await InProcessBot.run(plan) { bot in
                _ = try bot.emulator.say(as: "ana", in: "@ana", "hello")
                let status = await bot.emulator.waitFor(within: .seconds(60)) {
                    $0.messages("@ana").last { $0.botID != nil }
                }
                #expect(bot.emulator.messageText(try #require(status)).contains("*Bridge "))
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni hello")
                let shown = await bot.emulator.waitFor(within: .seconds(60)) {
                    $0.thread("#ops", root).last { $0.text.contains("On it!") }
                }
                #expect(shown != nil)
                let late = await bot.emulator.waitFor(within: .seconds(60)) {
                    $0.thread("#ops", root).last { $0.text.contains(UserMessages.late) }
                }
                #expect(late != nil)
                #expect(try await bot.answer(in: "#ops", root).contains("Here."))
                let request = try #require(try await model.journal(in: bot).last)
                #expect(request["body"]?["system"]?.text().contains("at most three sentences") == true)
            }
        }
    }

    /// The cards of a thread's messages, with their status.
    private static func cards(_ snapshot: WorkspaceSnapshot, _ root: String) -> [String] {
        snapshot.thread("#ops", root).flatMap(\.blocks).filter { $0["type"] == "task_card" }
            .map { "\($0["title"]?.string ?? ""): \($0["status"]?.string ?? "")" }
    }

    @Test("while an answer is streamed its card says ack_message and, when it takes longer, timeout_message")
    func streamedWords() async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["delay": 8, "text": "Here."]])
            var plan = model.plan
            plan.slack = """
                behavior: {ack_message: "*On it!*", query_timeout_seconds: 1, timeout_message: "_Patience_, please."}
                """
            try await InProcessBot.run(plan) { bot in
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni hello")
                let isLate = await bot.emulator.waitUntil(within: .seconds(60)) {
                    Self.cards($0, root) == ["Patience, please.: in_progress"]
                }
                #expect(isLate, "\(bot.emulator.threadText("#ops", root))")
                #expect(try await bot.answer(in: "#ops", root).contains("Here."))
                #expect(Self.cards(bot.emulator.snapshot, root) == ["On it!: complete"])
            }
        }
    }

    @Test(
        "under an answer stand its tokens and its cost for the role that diagnostic_info names, and nothing for another"
    )
    func diagnostics() async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["text": "Hello."]])
            var plan = model.plan
            plan.slack = "diagnostic_info: {show_tokens: true, show_cost: true, show_for_roles: [dba]}\n"
            try await InProcessBot.run(plan) { bot in
                for (person, isShown) in [("ana", true), ("ben", false)] {
                    let root = try bot.emulator.say(as: person, in: "#ops", "@omni hello")
                    let answer = try await bot.answer(in: "#ops", root)
                    #expect(
                        answer.contains(" tokens in") == isShown && answer.contains("· $0.00") == isShown, "\(answer)")
                    #expect(answer.contains("1 turn") == isShown, "\(answer)")
                }
            }
        }
    }
}
