import Analytics
import ArgumentParser
import Bridge
import Foundation
import Logging

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Check the configuration, and unless --offline connect once to Slack, the model, the store and every MCP server."
    )

    @Flag(help: "Check the files only.")
    var offline = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let (environment, dotEnv) = Environment.load()
        let folder = config.folder ?? environment["OMNI_CONFIG"] ?? "config"
        let (settings, found) = SettingsLoader.load(folder: folder, environment: environment)
        let problems = dotEnv + found
        for problem in problems { Terminal.out("\(problem.severity.rawValue): \(problem)") }
        guard let settings else { throw ExitCode(1) }
        Terminal.out("ok: configuration in \(folder) (digest \(settings.digest.prefix(12)))")
        guard !offline else { return }
        LogOutput.start(LogSettings(level: .critical))
        let probe = Probe(settings: settings, environment: environment)
        var isWell = true
        for line in await probe.all() {
            Terminal.out(line.isWell ? "ok: \(line.text)" : "error: \(line.text)")
            isWell = isWell && line.isWell
        }
        guard isWell else { throw ExitCode(1) }
    }
}

/// Connects once to everything that the configuration names.
struct Probe: Sendable {
    let settings: Settings
    let environment: Environment

    struct Line: Sendable, Hashable {
        let isWell: Bool
        let text: String
    }

    func all() async -> [Line] {
        let logger = Logger(label: "omni.check")
        let http = HTTPClient(HTTPClientConfiguration(caFile: environment["SSL_CERT_FILE"]), logger: logger)
        let store = await store(logger)
        let slack = await slack(http, logger)
        let model = await model(http, logger)
        let servers = await servers(http, logger)
        await http.shutdown()
        return [store] + slack + [model] + servers
    }

    private func store(_ logger: Logger) async -> Line {
        do {
            let location = try StoreLocation(
                databaseURL: settings.store.databaseURL?.revealed, dataFolder: settings.dataFolder)
            let record = try await Record.open(location, logger: logger)
            await record.close()
            return Line(isWell: true, text: "store: \(location)")
        } catch {
            return Line(isWell: false, text: "store: \(error)")
        }
    }

    private func slack(_ http: HTTPClient, _ logger: Logger) async -> [Line] {
        guard let botToken = settings.slack.botToken, let appToken = settings.slack.appToken else {
            return [Line(isWell: false, text: "slack: \(MissingTokens())")]
        }
        let api = SlackAPI(
            baseURL: settings.slack.apiURL, botToken: botToken, appToken: appToken, http: http, logger: logger)
        var lines: [Line] = []
        do {
            let identity = try await api.authTest()
            lines.append(Line(isWell: true, text: "slack: bot token of \(identity.userID) in \(identity.team)"))
        } catch {
            lines.append(Line(isWell: false, text: "slack: SLACK_BOT_TOKEN: \(error)"))
        }
        do {
            _ = try await api.openConnection()
            lines.append(Line(isWell: true, text: "slack: app token opens Socket Mode"))
        } catch {
            lines.append(Line(isWell: false, text: "slack: SLACK_APP_TOKEN: \(error)"))
        }
        return lines
    }

    /// One word asked of the model: the only way to know that key, model and limits work.
    private func model(_ http: HTTPClient, _ logger: Logger) async -> Line {
        let name = settings.model.provider == .offline ? "offline" : settings.model.model
        do {
            var once = settings.model
            once.maxRetries = 0
            let model = try ModelDirectory.makeModel(once, http: http, offline: { OfflineModel() }, logger: logger)
            if settings.model.provider != .offline {
                let request = ModelRequest(
                    model: once.model, maxTokens: 64, system: "Answer with one word.", messages: [.user("Say ok.")])
                _ = try await model.turn(request) { _ in }
            }
            let retirement = RetiredModels.retirement(of: settings.model.model).map { " (\($0.sentence))" } ?? ""
            return Line(isWell: true, text: "model: \(name) answers\(retirement)")
        } catch {
            return Line(isWell: false, text: "model: \(name): \(error)")
        }
    }

    private func servers(_ http: HTTPClient, _ logger: Logger) async -> [Line] {
        let registry = Registry(servers: settings.servers, http: http, logger: logger)
        let catalogue = await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await registry.run() }
            _ = await registry.settled(within: .seconds(30))
            let catalogue = registry.catalogue
            group.cancelAll()
            return catalogue
        }
        return catalogue.servers.map { server in
            switch server.state {
            case .healthy, .degraded: Line(isWell: true, text: "mcp \(server.name): \(server.tools) tools")
            case .disabled: Line(isWell: true, text: "mcp \(server.name): disabled")
            case .starting: Line(isWell: false, text: "mcp \(server.name): did not answer within 30 s")
            case .unhealthy: Line(isWell: false, text: "mcp \(server.name): \(server.problem ?? "unhealthy")")
            }
        }
    }
}
