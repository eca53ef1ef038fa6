import Bridge
import Testing

@testable import SlackBot

@Suite("The manifest of the Slack app")
struct AppManifestTests {
    private func manifest(_ files: [String: String]) throws -> AppManifest {
        AppManifest(try #require(ConfigFixtures.load(files).settings))
    }

    private func strings(_ value: JSONValue?) -> [String] { (value?.array ?? []).compactMap(\.string) }

    private func events(_ manifest: AppManifest) -> [String] {
        strings(manifest.json["settings"]?["event_subscriptions"]?["bot_events"])
    }

    private func scopes(_ manifest: AppManifest) -> [String] {
        strings(manifest.json["oauth_config"]?["scopes"]?["bot"])
    }

    @Test("slack-manifest.yaml is the manifest of the default configuration")
    func shipped() throws {
        let written = try manifest([:]).yaml()
        #expect(try ConfigFixtures.text("slack-manifest.yaml") == written)
    }

    @Test("commands that are switched off are left out; the others have the configured texts, without the command")
    func commands() throws {
        let slack = """
            commands:
              - {command: /omni, description: Ask anything, usage_hint: "/omni [what]", examples: ["One?", "Two?"]}
              - {command: /omni-admin, enabled: false}
            """
        let json = try manifest(["slack.yaml": slack]).json
        let commands = json["features"]?["slash_commands"]?.array ?? []
        #expect(
            commands.compactMap { $0["command"]?.string }
                == ["/omni", "/omni-help", "/omni-status", "/omni-history", "/omni-tool"])
        #expect(commands.first?["description"] == "Ask anything" && commands.first?["usage_hint"] == "[what]")
        #expect(commands.first { $0["command"] == "/omni-status" }?["usage_hint"] == nil)
        let prompts = json["features"]?["agent_view"]?["suggested_prompts"]?.array ?? []
        #expect(prompts.compactMap { $0["message"]?.string } == ["One?", "Two?"])
    }

    @Test("events are asked for as far as messages are questions")
    func hears() throws {
        let mute = try manifest([
            "slack.yaml": "mentions: {respond_to_mentions: false}", "threading.yaml": "threading: {follow_up: never}",
        ])
        #expect(events(mute) == ["agent_session_stopped", "app_home_opened", "message.im", "user_change"])
        #expect(!scopes(mute).contains("app_mentions:read"))
        let named = try manifest([
            "slack.yaml": "mentions: {respond_to_name: true}", "threading.yaml": "threading: {follow_up: never}",
        ])
        #expect(events(named).contains("message.channels") && events(named).contains("app_mention"))
        let reacting = try manifest([
            "slack.yaml": "mentions: {reaction_triggers: {enabled: true, reactions: {eyes: analyze}}}"
        ])
        #expect(events(reacting).contains("reaction_added") && scopes(reacting).contains("reactions:read"))
        #expect(!events(named).contains("reaction_added"))
    }

    @Test("texts that are longer than Slack's limits are cut, and text that looks like a Boolean stays text")
    func limits() throws {
        let slack = """
            slack: {bot_name: "\(String(repeating: "Long", count: 30))"}
            commands: [{command: /omni, description: "\(String(repeating: "d", count: 3_000))", usage_hint: "true"}]
            """
        let manifest = try manifest(["slack.yaml": slack])
        let json = manifest.json
        #expect(json["display_information"]?["name"]?.string?.count == 35)
        #expect(json["features"]?["bot_user"]?["display_name"]?.string?.count == 80)
        #expect(json["features"]?["shortcuts"]?[0]?["name"] == "Ask about this")
        #expect(json["features"]?["slash_commands"]?[0]?["description"]?.string?.count == 2_000)
        #expect(try manifest.yaml().contains("usage_hint: 'true'"))
    }
}
