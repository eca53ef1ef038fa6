import Analytics
import Bridge
import Logging

/// Connects once to each peer that the configuration names: store, Slack, model, MCP servers.
struct ConnectivityCheck: Sendable {
    let settings: Settings
    let environment: EnvironmentVariables

    /// The result for one peer.
    struct Line: Sendable, Hashable {
        let isWell: Bool
        let text: String
    }

    /// Runs all checks; an MCP server has 30 s.
    func all() async -> [Line] {
        let logger = Logger(label: "omni.check")
        let http = HTTPClient(HTTPClient.Configuration(caFile: environment["SSL_CERT_FILE"]), logger: logger)
        let store = await store(logger)
        let audit = await auditKey(logger)
        let slack = await slack(http, logger)
        let model = await model(http, logger)
        let servers = await servers(http, logger)
        await http.shutdown()
        return [store] + audit + slack + [model] + servers
    }

    private func store(_ logger: Logger) async -> Line {
        do {
            let location = try settings.storeLocation()
            let store = try await Store.open(location, logger: logger)
            await store.close()
            return Line(isWell: true, text: "store: \(location)")
        } catch {
            return Line(isWell: false, text: "store: \(error)")
        }
    }

    /// Nothing for a store that cannot be opened, which has its own line.
    private func auditKey(_ logger: Logger) async -> [Line] {
        do {
            let key = try settings.loadAuditKey(making: false)
            let location = try settings.storeLocation()
            guard let store = try? await Store.open(location, logger: logger) else { return [] }
            let problem = await Result { try await store.auditKeyProblem(key) }
            await store.close()
            if let problem = try problem.get() { return [Line(isWell: false, text: "audit: \(problem)")] }
            let text = key.map { "sealed with the key \($0)" } ?? "the key is made at the first start"
            return [Line(isWell: true, text: "audit: \(text)")]
        } catch {
            return [Line(isWell: false, text: "audit: \(error)")]
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

    /// Asks the model for one word: key, model name and limits cannot be checked otherwise.
    private func model(_ http: HTTPClient, _ logger: Logger) async -> Line {
        let name = settings.model.provider == .offline ? "offline" : settings.model.model
        do {
            var once = settings.model
            once.maxRetries = 0
            once.retryBudget = .zero
            let model = try ModelClientFactory.makeModel(once, http: http, offline: { OfflineModel() }, logger: logger)
            if settings.model.provider != .offline {
                let request = ModelRequest(
                    model: once.model, maxTokens: 64, system: "Answer with one word.", messages: [.user("Say ok.")])
                _ = try await model.turn(request) { _ in }
            }
            let retirement = RetiredModels.retirement(of: settings.model.model).map { " (\($0.sentence))" } ?? ""
            return Line(isWell: true, text: "model: \(name) answers\(retirement)")
        } catch {
            let problem = (error as? BridgeError)?.administratorDescription ?? "\(error)"
            return Line(isWell: false, text: "model: \(name): \(problem)")
        }
    }

    private func servers(_ http: HTTPClient, _ logger: Logger) async -> [Line] {
        let registry = ToolRegistry(servers: settings.servers, http: http, logger: logger)
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
