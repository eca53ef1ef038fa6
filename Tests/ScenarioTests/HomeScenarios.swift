import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("The App Home", .timeLimit(.minutes(10)))
struct HomeScenarios {
    /// The texts of a user's published Home, once they fulfil the condition.
    private func home(
        _ bot: InProcessBot, of person: String, _ condition: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        let found = await bot.emulator.waitFor(within: .seconds(60)) { snapshot in
            snapshot.home(person).map(Self.text).flatMap { condition($0) ? $0 : nil }
        }
        return try #require(found, "\(bot.emulator.snapshot.home(person)?.text() ?? "no Home of \(person)")")
    }

    /// All strings under the key `text`, one a line.
    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .array(let elements): elements.map(text).filter { !$0.isEmpty }.joined(separator: "\n")
        case .object(let members):
            members.map { $0.key == "text" ? $0.value.string ?? text($0.value) : text($0.value) }
                .filter { !$0.isEmpty }.joined(separator: "\n")
        default: ""
        }
    }

    @Test("a user opens the Home, asks, and sees the answered question there without opening it again; others do not")
    func asker() async throws {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        try await InProcessBot.run(plan) { bot in
            try bot.emulator.openHome(as: "ana", tab: "messages")
            try bot.emulator.openHome(as: "ana")
            let first = try await home(bot, of: "ana") { $0.contains("None yet. Mention me") }
            #expect(first.contains("Your role is *dba*"))
            #expect(first.contains(":large_green_circle: *ops* healthy"))
            #expect(!first.contains(UserMessages.homeEveryone))
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            _ = try await bot.answer(in: "#ops", root)
            let second = try await home(bot, of: "ana") { $0.contains(":white_check_mark: answered") }
            let link = "\(bot.emulator.httpURL)/archives/C0OPS/p\(root.filter { $0 != "." })"
            #expect(second.contains("<\(link)|list the services>"))
            #expect(second.contains("You asked 1 question today ($0.0000)"))
            try bot.emulator.openHome(as: "ben")
            let bens = try await home(bot, of: "ben") { $0.contains("Your role") }
            #expect(!bens.contains("list the services") && bens.contains("You asked 0 questions today"))
            // One view for each opening of a Home tab, and one after the answer.
            #expect(await bot.emulator.waitUntil { $0.calls("views.publish").count >= 3 })
            #expect(bot.emulator.snapshot.calls("views.publish").count == 3)
        }
    }

    @Test("an administrator who opens the Home after a start sees what it found in the files, without a reload")
    func problemsOfTheStart() async throws {
        var plan = InProcessBot.Plan()
        plan.slack = "slack: {bot_name: Omni, nickname: O}\n"
        try await InProcessBot.run(plan) { bot in
            try bot.emulator.openHome(as: "cleo")
            let cleos = try await home(bot, of: "cleo") { $0.contains(UserMessages.homeConfiguration) }
            #expect(cleos.contains(":large_yellow_circle: ") && cleos.contains("slack.yaml"))
            #expect(!cleos.contains(UserMessages.homeNoProblems))
        }
    }

    @Test("an administrator sees figures and a reload's error; who may not use Omni sees why, also after a failed view")
    func others() async throws {
        var plan = InProcessBot.Plan()
        plan.slack = "slack: {bot_name: Omni}\n"
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ben", in: "#ops", "@omni hello")
            _ = try await bot.answer(in: "#ops", root)
            try Data("slack: {bot_name: [1\n".utf8).write(to: bot.folder.appending(path: "config/slack.yaml"))
            _ = try await bot.emulator.command(as: "cleo", in: "#ops", "/omni-admin", "reload-config")
            _ = try await bot.ephemeral(to: "cleo")
            try bot.emulator.openHome(as: "cleo")
            let cleos = try await home(bot, of: "cleo") { $0.contains(UserMessages.homeEveryone) }
            #expect(cleos.contains("for 1 question"))
            #expect(cleos.contains("*Errors*: none, 0 failed tool calls"))
            #expect(cleos.contains(":red_circle: ") && cleos.contains("slack.yaml"))
            #expect(!cleos.contains("hello"), "questions of others are not shown")
            _ = try await bot.store.add(
                SeenUser(team: "", slackUserID: nil, email: "nils@acme.example", name: "Nils", role: "read_only"))
            _ = try await bot.store.setActive(false, "nils@acme.example")
            try bot.emulator.openHome(as: "nils")
            let disabled = try await home(bot, of: "nils") { _ in true }
            #expect(disabled == UserMessages.disabled)
            bot.emulator.inject(APIFault("views.publish", .error("not_enabled")))
            try bot.emulator.openHome(as: "gus")
            let isRefused = await bot.emulator.waitUntil { snapshot in
                snapshot.calls("views.publish").contains { $0.detail["error"] == "not_enabled" }
            }
            #expect(isRefused && bot.emulator.snapshot.home("gus") == nil)
            try bot.emulator.openHome(as: "gus")
            let guest = try await home(bot, of: "gus") { _ in true }
            #expect(guest == UserMessages.guest)
        }
    }
}
