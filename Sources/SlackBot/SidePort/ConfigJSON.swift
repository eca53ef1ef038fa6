import Bridge
import Foundation

/// The configuration in force as `/admin/config` returns it. Values that may hold a secret are left out as a whole:
/// keys, tokens, arguments and environments of programs, credentials, and of URLs all but scheme, host and port.
enum ConfigJSON {
    static func settings(
        _ settings: Settings, generation: Int, storeKind: String, lastReload: ReloadOutcome
    ) -> JSONValue {
        [
            "generation": .int(Int64(generation)), "digest": .string(settings.digest),
            "last_reload": lastReload.json, "llm": model(settings.model),
            "app": [
                "host": .string(settings.sidePort.host), "port": .int(Int64(settings.sidePort.port)),
                "admin_token_set": .bool(settings.sidePort.adminToken != nil),
            ],
            "database": ["kind": .string(storeKind.hasPrefix("SQLite") ? "sqlite" : "postgresql")],
            "logging": [
                "level": .string(settings.log.level.rawValue),
                "format": settings.log.format.map { .string($0.rawValue) } ?? .null,
            ],
            "question": ["deadline_seconds": seconds(settings.deadline), "ask_back": .bool(settings.asksBack)],
            "analytics": ["time_zone": .string(settings.timeZone.identifier)],
            "shutdown": ["drain_seconds": seconds(settings.drain)],
            "mcps": .array(
                settings.servers.map { server in
                    let name: JSONObject = ["name": .string(server.name)]
                    return .object(name.merging(self.server(server)) { first, _ in first })
                }),
            "roles": .array(settings.policy.roles.values.sorted { $0.rank < $1.rank }.map(role)),
            "users": [
                "named": .int(Int64(settings.users.named.count)),
                "default_role": .string(settings.users.fallback.role),
            ],
            "slack": slack(settings.slack),
        ]
    }

    /// The configuration of an MCP server, without its secrets.
    static func server(_ server: ServerConfiguration) -> JSONObject {
        var entry: JSONObject = [
            "display_name": .string(server.displayName), "description": .string(server.description),
            "enabled": .bool(server.isEnabled),
        ]
        switch server.transport {
        case .http(let url): (entry["protocol"], entry["url"]) = ("http", .string(origin(url)))
        case .sse(let url): (entry["protocol"], entry["url"]) = ("sse", .string(origin(url)))
        case .stdio(let command, _, _, _):
            let program = command.split(separator: "/").last.map(String.init) ?? ""
            (entry["protocol"], entry["command"]) = ("stdio", .string(program))
        }
        entry["authentication"] = .bool(!server.credentials.isEmpty)
        entry["timeout_seconds"] = seconds(server.callTimeout)
        entry["tags"] = .array(server.tags.map(JSONValue.string))
        return entry
    }

    private static func model(_ model: ModelSettings) -> JSONValue {
        [
            "provider": .string(model.provider.rawValue), "model": .string(model.model),
            "fallback_model": model.fallbackModel.map { .string($0) } ?? .null,
            "base_url": .string(origin(model.baseURL)), "api_key_set": .bool(model.apiKey != nil),
            "max_tokens": .int(Int64(model.maxTokens)), "max_iterations": .int(Int64(model.maxIterations)),
            "timeout_seconds": seconds(model.timeout), "max_retries": .int(Int64(model.maxRetries)),
            "retry_budget_seconds": seconds(model.retryBudget),
        ]
    }

    private static func role(_ role: Role) -> JSONValue {
        [
            "name": .string(role.name), "display_name": .string(role.displayName), "rank": .int(Int64(role.rank)),
            "source": .string("\(role.source)"),
        ]
    }

    private static func slack(_ slack: SlackSettings) -> JSONValue {
        [
            "bot_token_set": .bool(slack.botToken != nil), "app_token_set": .bool(slack.appToken != nil),
            "api_url": .string(origin(slack.apiURL)),
            "workspace_id": slack.workspaceID.map { .string($0) } ?? .null,
            "allowed_channels": [
                "mode": .string(slack.allowedChannels.mode.rawValue),
                "allow_direct_messages": .bool(slack.allowedChannels.allowsDirectMessages),
                "allow_private_channels": .bool(slack.allowedChannels.allowsPrivateChannels),
            ],
            "digest": digest(slack.digest),
        ]
    }

    private static func digest(_ digest: DigestSettings) -> JSONValue {
        [
            "enabled": .bool(digest.isEnabled), "channel": .string(digest.channel), "at": .string("\(digest.at)"),
            "days": .array(
                DigestSettings.Weekday.allCases.filter { digest.days.contains($0) }.map { .string($0.rawValue) }),
            "period": .string(digest.period.rawValue),
        ]
    }

    private static func seconds(_ duration: Duration) -> JSONValue { .double(duration / .seconds(1)) }

    /// `https://host:port`: path, query and user info of a URL may hold secrets. Empty for a text that is no URL.
    static func origin(_ url: String) -> String {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme, let host = parts.host else {
            return ""
        }
        return "\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")"
    }
}
