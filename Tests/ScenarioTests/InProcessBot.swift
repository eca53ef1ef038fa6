import Analytics
import Bridge
import Foundation
import Logging
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

/// Omni with all its services, in the test's process, connected to an emulated Slack on loopback.
struct InProcessBot: Sendable {
    let emulator: Emulator
    let omni: Bot
    let folder: URL

    var store: Store { omni.app.store }

    /// Users of the workspace; every role that a scenario needs is among them.
    static let people = [
        WorkspaceUser(id: "U0ANA", name: "ana", realName: "Ana Lima", email: "ana@acme.example"),
        WorkspaceUser(id: "U0BEN", name: "ben", realName: "Ben Okafor", email: "ben@acme.example"),
        WorkspaceUser(id: "U0CLEO", name: "cleo", realName: "Cleo Sand", email: "cleo@acme.example"),
        WorkspaceUser(id: "U0NEW", name: "nils", realName: "Nils New", email: "nils@acme.example"),
        WorkspaceUser(
            id: "U0GUS", name: "gus", realName: "Gus Guest", email: "gus@partner.example", isRestricted: true),
    ]

    static let users = """
        default_user: {role: read_only, allowed_mcps: []}
        users:
          - {email: ana@acme.example, name: Ana, role: dba, slack_user_id: U0ANA, allowed_mcps: "*"}
          - {email: ben@acme.example, name: Ben, role: read_only, slack_user_id: U0BEN, allowed_mcps: "*"}
          - {email: cleo@acme.example, name: Cleo, role: admin, slack_user_id: U0CLEO}
        """

    /// slack.yaml of a bot that edits a progress message.
    static let withoutStreaming = "behavior: {streaming: false}\n"

    /// What differs between scenarios.
    struct Plan: Sendable {
        var settings = "llm: {provider: offline}\napp: {port: 0}\n"
        var mcps = ""
        var users = InProcessBot.users
        var slack = ""
        var threading = ""
        /// Whether answers are streamed; a plan with a `behavior` in `slack` says it there.
        var isStreaming = false
        var people = InProcessBot.people
        var environment: [String: String] = [:]
        var emulator = EmulatorOptions()
        var progressDelay = EditedReply.progressDelay
        var streamLifetime = AnswerStream.lifetime
        var reloadInterval = Reloader.interval
        var digestTiming = DigestJob.Timing()
    }

    /// Runs Omni in an emulated workspace for the duration of `body`, and stops both in order.
    static func run(_ plan: Plan, _ body: @escaping @Sendable (InProcessBot) async throws -> Void) async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let folder = temporary.url
        try write(plan, to: folder)
        var options = plan.emulator
        options.people = plan.people
        let logger = Logger(label: "scenario")
        try await withEmulator(options, logger: logger) { emulator in
            let environment = environment(plan, emulator, folder)
            let (found, problems) = SettingsLoader.load(
                folder: folder.appending(path: "config").path(), environment: environment)
            let settings = try #require(found, "\(problems)")
            let app = try await App.build(
                settings, environment: environment, processName: "scenario", logger: logger)
            let omni = try await Bot.build(
                app, environment: environment, problems: problems, metrics: PrometheusRegistry(),
                followUpTimeout: .seconds(10),
                progressDelay: plan.progressDelay, streamLifetime: plan.streamLifetime,
                reloadInterval: plan.reloadInterval,
                digestTiming: plan.digestTiming)
            let bot = InProcessBot(emulator: emulator, omni: omni, folder: folder)
            let services = omni.group(stoppingAt: [])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await services.run() }
                let result = await Result { try await play(bot, body) }
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
                try result.get()
            }
        }
    }

    private static func play(_ bot: InProcessBot, _ body: @Sendable (InProcessBot) async throws -> Void) async throws {
        let isConnected = await bot.emulator.waitUntil(within: .seconds(60)) { $0.connections.live >= 2 }
        try #require(isConnected, "Omni did not connect")
        try await bot.untilUp()
        try await body(bot)
    }

    /// Returns when Omni's connections are live, it accepts questions, its side port is open and the tools of all
    /// servers are known: a question waits only two seconds for a server that starts.
    private func untilUp() async throws {
        try await until("Omni is up") {
            let report = await omni.health.report()
            return (report.slack?.live.count ?? 0) >= 2 && report.readiness == .ready
                && omni.sidePort.bound.withLockedValue { $0 } != nil
                && report.servers.allSatisfy { [.healthy, .disabled].contains($0.state) }
        }
    }

    static func write(_ plan: Plan, to folder: URL) throws {
        let config = folder.appending(path: "config")
        try FileManager.default.createDirectory(at: config, withIntermediateDirectories: true)
        let saysBehavior = plan.isStreaming || plan.slack.contains("behavior:")
        let slack = saysBehavior ? plan.slack : "\(plan.slack)\n\(withoutStreaming)"
        let files = [
            "settings.yaml": plan.settings, "mcps.yaml": plan.mcps, "users.yaml": plan.users, "slack.yaml": slack,
            "threading.yaml": plan.threading,
        ]
        for (name, text) in files where !text.isEmpty {
            try Data(text.utf8).write(to: config.appending(path: name))
        }
    }

    static func environment(_ plan: Plan, _ emulator: Emulator, _ folder: URL) -> EnvironmentVariables {
        var values = plan.environment
        for name in ["PATH", "HOME", "LANG"] { values[name] = ProcessInfo.processInfo.environment[name] }
        values["SLACK_API_URL"] = emulator.apiURL
        values["SLACK_BOT_TOKEN"] = emulator.options.botToken
        values["SLACK_APP_TOKEN"] = emulator.options.appToken
        values["OMNI_DATA"] = folder.appending(path: "data").path()
        return EnvironmentVariables(values)
    }

    /// Omni's newest final message in a thread (no progress message, no open stream).
    func answer(in channel: String, _ root: String, within time: Duration = .seconds(60)) async throws -> String {
        let found = await emulator.waitFor(within: time) { snapshot in
            snapshot.thread(channel, root).last {
                $0.botID != nil && $0.ts != root && $0.isFinal
            }
        }
        let message = try #require(found, "no final answer in \(emulator.threadText(channel, root))")
        return emulator.messageText(message)
    }

    /// The newest audit rows. An outcome is committed before its messages are sent, so that no wait is needed after
    /// an answer.
    func audit() async throws -> [AuditRow] { try await store.recent() }

    /// The ts of Omni's next own message in a channel after `act`: the parent message of a slash command.
    func parent(
        in channel: String, within time: Duration = .seconds(60), after act: () async throws -> Void
    ) async throws -> String {
        let known = Set(emulator.messages(channel).map(\.ts))
        try await act()
        let found = await emulator.waitFor(within: time) { snapshot in
            snapshot.messages(channel).first { !known.contains($0.ts) && $0.botID != nil && $0.threadTS == nil }?.ts
        }
        return try #require(found, "the bot posted nothing in \(channel)")
    }

    /// The last ephemeral message to this user, once there is one.
    func ephemeral(to person: String) async throws -> String {
        let found = await emulator.waitFor(within: .seconds(60)) { $0.ephemerals(person).last }
        return emulator.messageText(try #require(found, "no ephemeral message to \(person)"))
    }
}
