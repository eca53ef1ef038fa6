import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

/// Texts of slack.yaml that people read in the place of Omni's own.
@Suite("Templates of slack.yaml in Slack", .timeLimit(.minutes(10)))
struct SlackTemplateScenarios {
    @Test("somebody is welcomed under their first answer, and never again, also not by a restarted Omni")
    func welcome() async throws {
        var plan = InProcessBot.Plan()
        plan.slack = """
            templates: {welcome: "Welcome {name}, you are *{role}*.\\n{examples_list}"}
            commands: [{command: /omni, examples: ["What is slow?"]}]
            """
        try await RestartableBot.open(plan) { restartable in
            try await restartable.run { bot in
                let first = try bot.emulator.say(as: "ben", in: "#ops", "@omni hello")
                let answer = try await bot.answer(in: "#ops", first)
                #expect(answer.contains("Welcome Ben, you are *read_only*.") && answer.contains("• What is slow?"))
                let second = try bot.emulator.say(as: "ben", in: "@ben", "hello again")
                #expect(try await !bot.answer(in: "@ben", second).contains("Welcome"))
            }
            try await restartable.run { bot in
                let third = try bot.emulator.say(as: "ben", in: "#ops", "@omni hello once more")
                #expect(try await !bot.answer(in: "#ops", third).contains("Welcome"))
                let other = try bot.emulator.say(as: "ana", in: "@ana", "hello")
                #expect(try await bot.answer(in: "@ana", other).contains("Welcome Ana"))
            }
        }
    }

    @Test("people read the templates of answers, refusals, help and status, without emoji, and who asked")
    func templates() async throws {
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        plan.progressDelay = .zero
        plan.slack = """
            commands: [{command: /omni-status, required_role: admin}]
            behavior: {use_emoji: false, immediate_ack: false}
            user_info_display: {enabled: true, format: minimal, elements: {show_role: true, show_mcp_names: true}}
            templates:
              query_success: "Found on {mcp_name} with {tool_name}:\\n\\n{result}"
              permission_denied: "{emoji} {tool_name} is for {required_role}; you are {user_role}."
              help: "{allowed_tools_count} tools for {name}:\\n{commands_list}"
              status: "{emoji} {total_tools} tools, {requests_today} questions of {active_users} today, {version}"
            """
        try await InProcessBot.run(plan) { bot in
            let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services")
            let answer = try await bot.answer(in: "#ops", root)
            #expect(answer.contains("Found on ops with list_services:") && answer.contains("checkout"))
            #expect(answer.contains("*Ana* · dba · ops"), "\(answer)")
            #expect(!answer.contains("🔧") && answer.contains("`ops.list_services`"))
            #expect(bot.emulator.thread("#ops", root).count == 2, "nothing is posted before the answer")
            _ = try bot.emulator.say(as: "ana", in: "#ops", "@omni list the services again", thread: root)
            try await bot.until("the follow-up is answered") { bot.answers("#ops", root).count == 2 }
            let second = bot.emulator.messageText(try #require(bot.answers("#ops", root).last))
            #expect(!second.contains("*Ana*") && second.contains("Found on ops"))

            _ = try await bot.emulator.command(as: "ben", in: "#ops", "/omni-status")
            #expect(try await bot.ephemeral(to: "ben").contains("/omni-status is for admin; you are read_only."))
            _ = try await bot.emulator.command(as: "ana", in: "#ops", "/omni-help")
            let help = try await bot.ephemeral(to: "ana")
            #expect(help.contains("tools for Ana:") && help.contains("• /omni [question] Ask a question"))
            _ = try await bot.emulator.command(as: "cleo", in: "#ops", "/omni-status")
            let status = try await bot.ephemeral(to: "cleo")
            #expect(status.contains("2 questions of 1 today, \(Version.current)"), "\(status)")
            #expect(!status.contains(":white_check_mark:") && !status.contains(":warning:"))
        }
    }

    @Test("omni manifest prints slack-manifest.yaml for the shipped files, and JSON for programs")
    func manifest() async throws {
        let folder = Repository.root.appending(path: "config").path()
        let yaml = try await Program.run(["manifest", "--config", folder])
        #expect(yaml.status == 0, "\(yaml.errors)")
        let shipped = Repository.root.appending(path: "slack-manifest.yaml")
        #expect(yaml.output == (try String(contentsOf: shipped, encoding: .utf8)))
        let json = try await Program.run(["manifest", "--json", "--config", folder])
        let manifest = try JSONValue(lenient: Array(json.output.utf8))
        #expect(manifest["features"]?["slash_commands"]?[0]?["command"] == "/omni")
    }

    @Test("omni manifest is run before there are tokens: variables that are not set do not stop it, other errors do")
    func manifestWithoutVariables() async throws {
        let original = Repository.root.appending(path: "Tests/Fixtures/config/original")
        let made = try await Program.run(["manifest", "--json", "--config", original.path()])
        #expect(made.status == 0, "\(made.errors)")
        let manifest = try JSONValue(lenient: Array(made.output.utf8))
        #expect(manifest["display_information"]?["name"] == "Bridge")

        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let whitelist = "{mode: whitelist, whitelist: [\"${OMNI_UNSET}\"], allow_direct_messages: false}"
        var slack = "slack: {bot_token: \"${SLACK_BOT_TOKEN}\"}\nallowed_channels: \(whitelist)\n"
        try Data(slack.utf8).write(to: folder.url.appending(path: "slack.yaml"))
        let prices = "llm: {prices: {own: {input: \"${OMNI_UNSET}\", output: 2}}}\n"
        try Data(prices.utf8).write(to: folder.url.appending(path: "settings.yaml"))
        let unset = try await Program.run(["manifest", "--config", folder.path])
        #expect(unset.status == 0 && !unset.output.isEmpty, "\(unset.errors)")
        slack += "behavior: {use_emoji: 3}\n"
        try Data(slack.utf8).write(to: folder.url.appending(path: "slack.yaml"))
        let wrong = try await Program.run(["manifest", "--config", folder.path])
        #expect(wrong.status == 1 && wrong.output.isEmpty)
        #expect(wrong.errors.contains("behavior.use_emoji") && !wrong.errors.contains("SLACK_BOT_TOKEN"))
    }
}
