import Analytics
import Bridge
import Foundation
import Testing

@testable import SlackBot

/// What a key of the configuration changes: two states of its file that differ in the key, and where that is observed.
struct KeyEffect: Sendable, CustomTestStringConvertible {
    /// Where an effect is observed. Each calls what uses the settings, not the settings alone, as far as that needs no
    /// process; what a process does with the rest is in the named tests.
    enum Observer: String, Sendable {
        /// The verdicts on tools, for several users, places and arguments.
        case verdicts
        /// The system prompt.
        case prompt
        /// Limits and history of a question. BridgeTests/Agent, BridgeTests/Prompt.
        case limits
        /// What the model client is made from. BridgeTests/LLM.
        case model
        /// What the registry connects to. BridgeTests/MCP, BridgeTests/Registry.
        case servers
        /// The user that a Slack id or an e-mail is.
        case users
        /// What `/omni-admin` allows. ScenarioTests/SlackKeyScenarios.
        case administration
        /// Which envelopes are questions.
        case events
        /// Texts and messages in Slack, and who may use a command.
        case messages
        /// Where Omni answers.
        case channels
        /// Whether answers are private.
        case privacy
        /// What is applied at the start. ScenarioTests/CommandLineScenarios, AuditRetentionTests, DigestScenarios,
        /// BackfillScenarios.
        case start
    }

    let file: String
    let keys: [String]
    let before: String
    let after: String
    let observer: Observer

    /// The rows of `Tests/Fixtures/config/effects.txt`; empty when one cannot be read, which a test notices.
    static let all: [KeyEffect] = {
        let text = (try? ConfigFixtures.text("Tests/Fixtures/config/effects.txt")) ?? ""
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let rows = lines.compactMap { KeyEffect($0) }
        return rows.count == lines.count ? rows : []
    }()

    private init?(_ line: Substring) {
        let cells = line.components(separatedBy: " | ")
        guard cells.count == 5, let observer = Observer(rawValue: cells[0]) else { return nil }
        (self.observer, file) = (observer, cells[1])
        keys = cells[2].components(separatedBy: ", ")
        (before, after) = (cells[3].replacing("\\n", with: "\n"), cells[4].replacing("\\n", with: "\n"))
    }

    var testDescription: String { "\(file) \(keys.joined(separator: ", ")): \(after)" }

    private static let others = [
        "mcps.yaml": """
        mcps: [{name: jira, url: "http://jira.example/mcp"}]
        tool_patterns: {dangerous: [change_row]}
        """,
        "users.yaml": """
        default_user: {role: read_only, allowed_mcps: [jira]}
        users:
          - {email: ana@acme.example, name: Ana, role: dba, slack_user_id: U0ANA, allowed_mcps: "*"}
          - {email: ben@acme.example, name: Ben, role: read_only, allowed_mcps: "*", allowed_databases: [other]}
        roles:
          read_only: {permissions: {can_execute_dangerous_tools: false}}
        """,
        "slack.yaml": "channel_rules: {ops: {read_only: true}}",
    ]

    func observe(_ text: String) throws -> String {
        var files = Self.others
        files[file] = text
        let (settings, problems) = try ConfigFixtures.load(files)
        let loaded = try #require(settings, "\(problems)")
        return try observation(of: loaded)
    }

    private func observation(of settings: Settings) throws -> String {
        let snapshot = LiveSettings(settings).snapshot
        switch observer {
        case .verdicts: return verdicts(settings, snapshot.policy)
        case .prompt:
            return people(settings).map {
                PromptBuilder.system(for: $0, instructions: snapshot.model.instructions, voice: snapshot.voice)
            }.joined(separator: "\n")
        case .limits:
            let places = [Self.ops, Place(entryPoint: .slack, channel: "D1", isDirect: true)]
            return "\(snapshot.limits) \(places.map { snapshot.limits.history.limits(in: $0) })"
        case .model: return "\(snapshot.model)"
        case .servers: return "\(settings.servers) \(settings.analyticsTools)"
        case .users: return "\(people(settings)) \(users(settings))"
        case .administration:
            let role = snapshot.policy.role(of: people(settings)[0])
            return "\(role.canManageUsers) \(role.canModifyConfiguration)"
        case .events: return events(settings.slack)
        case .messages: return messages(settings, snapshot.policy) + words(settings, snapshot.policy)
        case .channels: return channels(settings.slack.allowedChannels)
        case .privacy:
            let privacy = AnswerPrivacy(snapshot)
            return "\(privacy.isPrivate(Self.ops)) \(privacy.isPrivate(server: "jira"))"
        case .start:
            let slack = settings.slack
            return """
                \(settings.sidePort) \(settings.log) \(settings.drain) \(settings.auditRequired) \(settings.timeZone) \
                \(settings.retentionDays) \(settings.store.databaseURL?.revealed ?? "") \(slack.apiURL) \
                \(slack.botToken?.revealed ?? "") \(slack.appToken?.revealed ?? "") \(slack.digest) \
                \(slack.adminChannel ?? "") \(settings.threading.followUp) \(settings.asksBack)
                """
        }
    }

    private static let ops = Place(entryPoint: .slack, channel: "C1", channelName: "ops")

    func people(_ settings: Settings) -> [Principal] {
        ["ana", "ben", "eve"].map {
            settings.users.principal(email: "\($0)@acme.example", name: nil, storeRole: nil)
        }
    }

    private func users(_ settings: Settings) -> [String] {
        ["U0ANA", "U0ROOT"].map { id in
            ["T1", "T2"].map { "\(String(describing: settings.users.principal(slackUser: id, team: $0)))" }.joined()
        }
    }

    private func verdicts(_ settings: Settings, _ policy: Policy) -> String {
        let annotations = [
            "get_row": ToolAnnotations(readOnly: true),
            "drop_row": ToolAnnotations(readOnly: false, destructive: false),
            "change_row": ToolAnnotations(),
        ]
        let arguments: [JSONValue] = [[:], ["database": "shop"], ["schema": "shop"]]
        var lines: [String] = []
        for principal in people(settings) {
            for server in ["jira", "wiki", Policy.analyticsServer] {
                for (tool, annotations) in annotations.sorted(by: { $0.key < $1.key }) {
                    let definition = ToolDefinition(
                        name: ToolName(server: server, tool: tool), description: "", inputSchema: ["type": "object"],
                        annotations: annotations)
                    for place in [Place.commandLine, Self.ops] {
                        lines += arguments.map {
                            let verdict = policy.verdict(for: principal, in: place, on: definition, arguments: $0)
                            return "\(verdict.decision) \(verdict.step.map { "\($0)" } ?? "")"
                        }
                    }
                }
            }
        }
        return lines.joined(separator: "\n")
    }

    private func events(_ slack: SlackSettings) -> String {
        let bot = BotIdentity(teamID: "T1", team: "Acme", userID: "UBOT", url: "")
        let all = [("app_mention", "C1", "<@UBOT> hello"), ("message", "C1", "omni hello"), ("message", "D1", "hello")]
        let reaction: JSONValue = [
            "type": "reaction_added", "user": "U1", "reaction": "eyes",
            "item": ["type": "message", "channel": "C1", "ts": "1.000001"], "event_ts": "2.000001",
        ]
        let asked = SlackQuestion(reaction: ["team_id": "T1", "event": reaction], bot: bot, slack.mentions.reactions)
        let automatic = slack.autoResponses.matching("omni hello").filter { $0.isFor(channel: "C1", name: "ops") }
        let messages = all.map { type, channel, text in
            let event: JSONValue = [
                "type": .string(type), "user": "U1", "text": .string(text), "ts": "1.000001",
                "channel": .string(channel), "channel_type": channel == "D1" ? "im" : "channel",
            ]
            return "\(DecodedMessage(["team_id": "T1", "event": event], bot: bot, mentions: slack.mentions))"
        }
        return (messages + [asked?.text ?? "-", "\(automatic.map { $0.response ?? "a question" })"])
            .joined(separator: "\n")
    }

    private func form(_ formatting: SlackSettings.Formatting) -> String {
        var style = AnswerMessages.Style(footer: nil)
        style.formatting = formatting
        let text = "| a |\n|---|\n| 1 |\n| 2 |\n\n" + String(repeating: "A sentence of an answer.\n\n", count: 100)
        let rendered = AnswerMessages.render(.answered(Answer(text: text, usage: Usage())), style: style)
        return "\(rendered.messages.map(\.json)) \(rendered.files.map(\.title))"
    }

    private func messages(_ settings: Settings, _ policy: Policy) -> String {
        let slack = settings.slack
        var usage = Usage()
        usage.iterations = 2
        usage.calls = [
            ToolActivity(
                id: "1", name: ToolName(server: "jira", tool: "get_row"), arguments: [:],
                verdict: Verdict(.allow, step: nil, rule: .builtIn("test"), reason: ""))
        ]
        let failure = Failure(error: BridgeError(.deadline, "Late."), errorID: "E-1", usage: Usage())
        let ana = people(settings)[0]
        let refusals = slack.commands.keys.sorted().map { CommandRefusal($0, for: ana, slack, policy)?.rule ?? "-" }
        let footer =
            slack.diagnostics.isShown(to: ana.role) ? UserMessages.footer(usage, showing: slack.diagnostics) : ""
        let progress = ProgressText(name: slack.botName, acknowledgement: slack.behavior.acknowledgement).message.text
        let status = ServerStatus(
            name: "jira", displayName: settings.servers.first?.displayName ?? "jira", state: .healthy, tools: 1)
        let help = HelpView.text(
            ana, role: policy.rules.roles[ana.role], servers: [(status, ["get_row"])],
            commands: slack.commands.values.sorted { $0.name < $1.name })
        let buttons = AnswerActionsView(ULID(), mayBeShown: false, isOn: slack.usesButtons)
            .adding(to: [SectionView.message("Done.")], .cancelled(Usage())).map(\.blocks.count)
        return """
            \(form(slack.formatting)) \(buttons) \(refusals) \(footer) \(progress) \(help) \(slack.behavior.queryTimeout)
            \(slack.behavior.isStreaming)
            \(UserMessages.failed(failure, showID: slack.behavior.includesErrorID))
            """
    }

    private func channels(_ allowed: SlackSettings.AllowedChannels) -> String {
        let direct = allowed.allows(channel: "D1", name: nil, isDirect: true, isPrivate: true)
        let rest = [("C1", "ops", false), ("C2", "dev", false), ("C3", "sec", true)].map { id, name, isPrivate in
            allowed.allows(channel: id, name: name, isDirect: false, isPrivate: isPrivate)
        }
        return "\(direct) \(rest)"
    }
}
