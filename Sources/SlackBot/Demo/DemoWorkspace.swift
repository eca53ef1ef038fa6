import Analytics
import Bridge
import Foundation
import Logging
import Metrics
import SlackEmulator

/// The demo's environment: a Slack emulator on loopback with the demo's users, and Omni connected to it with a new
/// store.
struct DemoWorkspace: Sendable {
    let emulator: Emulator
    let bot: Bot

    /// The users of demo/config/users.yaml as the workspace has them.
    static let people = [
        WorkspaceUser(id: "U0ANA", name: "ana", realName: "Ana Lima", email: "ana@acme.example"),
        WorkspaceUser(id: "U0BEN", name: "ben", realName: "Ben Okafor", email: "ben@acme.example"),
        WorkspaceUser(id: "U0CLEO", name: "cleo", realName: "Cleo Sand", email: "cleo@acme.example"),
        WorkspaceUser(id: "U0DAN", name: "dan", realName: "Dan Roth", email: "dan@acme.example"),
    ]

    static func emulator(port: Int, logger: Logger) -> Emulator { Emulator(options(port: port), logger: logger) }

    static func options(port: Int) -> EmulatorOptions {
        var options = EmulatorOptions()
        options.httpPort = port
        options.people = people
        return options
    }

    /// Runs Omni in the emulated workspace while `body` runs, then stops it and deletes its data. Throws
    /// ``CommandFailed`` when Omni cannot start, and the errors of `body`.
    ///
    /// - Parameters:
    ///   - folder: the configuration folder.
    ///   - model: the Anthropic model to use instead of the offline one; needs ANTHROPIC_API_KEY.
    static func run(
        in emulator: Emulator, configuration folder: String, model: String?, logger: Logger,
        _ body: @escaping @Sendable (DemoWorkspace) async throws -> Void
    ) async throws {
        let data = FileManager.default.temporaryDirectory.appending(path: "omni-demo-\(ULID())").path()
        defer { try? FileManager.default.removeItem(atPath: data) }
        let (settings, environment, problems) = try settings(emulator, folder: folder, data: data, model: model)
        let app = try await App.build(settings, environment: environment, processName: "demo", logger: logger)
        try await recordHistory(in: app.store)
        let bot = try await Bot.build(
            app, environment: environment, problems: problems, metrics: PrometheusRegistry())
        let workspace = DemoWorkspace(emulator: emulator, bot: bot)
        let services = bot.group(stoppingAt: [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            // Graceful shutdown, so that pending messages are sent and outcomes stored.
            let result = await Result { try await visit(workspace, body) }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            try result.get()
        }
    }

    /// Stores the users and their questions of the last weeks.
    private static func recordHistory(in store: Store) async throws {
        let history = DemoHistory.questions()
        for asker in Set(history.map(\.question.asker)) {
            _ = try await store.seen(SeenUser(email: asker.email, name: asker.name, role: asker.role))
        }
        try await store.record(history)
    }

    private static func visit(
        _ workspace: DemoWorkspace, _ body: @Sendable (DemoWorkspace) async throws -> Void
    ) async throws {
        let connected = await workspace.emulator.waitFor(within: .seconds(20)) { $0.connections.live >= 2 ? true : nil }
        guard connected == true else { throw CommandFailed("error: Omni did not connect to the workspace") }
        // The first question should not meet an MCP server that is still starting.
        _ = await workspace.bot.app.registry.settled(within: .seconds(30))
        try await body(workspace)
    }

    /// Reads the configuration folder only: no `.env`, and of the environment only the variables that the demo needs.
    private static func settings(
        _ emulator: Emulator, folder: String, data: String, model: String?
    ) throws -> (Settings, EnvironmentVariables, [ConfigProblem]) {
        let process = ProcessInfo.processInfo.environment
        var values = process.filter { ["PATH", "HOME", "LANG", "TMPDIR", "USER"].contains($0.key) }
        values["SLACK_API_URL"] = emulator.apiURL
        values["SLACK_BOT_TOKEN"] = emulator.options.botToken
        values["SLACK_APP_TOKEN"] = emulator.options.appToken
        values["OMNI_DATA"] = data
        values["OMNI_EXECUTABLE"] = executable
        if model != nil {
            for name in ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"] { values[name] = process[name] }
        }
        let environment = EnvironmentVariables(values)
        let (found, problems) = SettingsLoader.load(folder: folder, environment: environment)
        guard var settings = found else {
            throw CommandFailed(problems.map { "error: \($0)" }.joined(separator: "\n"))
        }
        if let model {
            guard let key = process["ANTHROPIC_API_KEY"], !key.isEmpty else {
                throw CommandFailed("error: --model needs ANTHROPIC_API_KEY in the environment")
            }
            settings.model = ModelSettings()
            settings.model.model = model
            settings.model.apiKey = Secret(key)
            if let url = process["ANTHROPIC_BASE_URL"] { settings.model.baseURL = url }
        }
        return (settings, environment, problems)
    }

    private static var executable: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
