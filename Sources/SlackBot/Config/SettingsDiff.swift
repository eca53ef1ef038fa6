import Bridge

/// What changed files mean for a running process: which keys take effect now, and which need a restart.
struct SettingsDiff: Sendable {
    /// Names of added, changed and removed servers.
    struct ServerChanges: Sendable, Hashable {
        var added: [String] = []
        var changed: [String] = []
        var removed: [String] = []
    }

    /// The new settings, with the old values where a change needs a restart.
    let settings: Settings
    /// The keys that take effect now, sorted.
    let changed: [String]
    /// The keys whose written value is not the one in use, sorted.
    let needsRestart: [String]
    let servers: ServerChanges
    /// The servers whose configuration is unchanged.
    let kept: [ServerConfiguration]

    /// - Parameters:
    ///   - started: the settings that the process was built from.
    ///   - running: the settings in force.
    ///   - loaded: the settings of the files.
    init(started: Settings, running: Settings, loaded: Settings) {
        let sinceStart = started.keys.changes(to: loaded.keys)
        var settings = loaded
        var waiting: Set<String> = []
        for key in Self.restartOnly where key.differs(started, loaded) {
            key.keep(&settings, started)
            waiting.formUnion(
                sinceStart.filter { name in key.names.contains { name == $0 || name.hasPrefix("\($0).") } })
        }
        self.settings = settings
        needsRestart = waiting.sorted()
        changed = running.keys.changes(to: loaded.keys).filter { !waiting.contains($0) }
        let (before, after) = (Self.byName(running.servers), Self.byName(settings.servers))
        servers = ServerChanges(
            added: after.keys.filter { before[$0] == nil }.sorted(),
            changed: after.filter { name, server in before[name].map { $0 != server } ?? false }.keys.sorted(),
            removed: before.keys.filter { after[$0] == nil }.sorted())
        kept = running.servers.filter { after[$0.name] == $0 }
    }

    private static func byName(_ servers: [ServerConfiguration]) -> [String: ServerConfiguration] {
        Dictionary(servers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// A setting that takes effect at the start only: objects that cannot be replaced are built from it.
    private struct RestartOnly {
        let names: [String]
        let differs: (Settings, Settings) -> Bool
        let keep: (inout Settings, Settings) -> Void

        init<Value: Equatable>(_ names: String..., at path: WritableKeyPath<Settings, Value>) {
            self.names = names
            differs = { $0[keyPath: path] != $1[keyPath: path] }
            keep = { $0[keyPath: path] = $1[keyPath: path] }
        }

        /// All model settings together, so that no provider is sent the name of another one's model.
        static var provider: RestartOnly {
            RestartOnly(
                names: ["settings.yaml llm"],
                differs: { old, new in
                    (old.model.provider, old.model.apiKey, old.model.baseURL)
                        != (new.model.provider, new.model.apiKey, new.model.baseURL)
                },
                keep: { $0.model = $1.model })
        }

        private init(
            names: [String], differs: @escaping (Settings, Settings) -> Bool,
            keep: @escaping (inout Settings, Settings) -> Void
        ) {
            (self.names, self.differs, self.keep) = (names, differs, keep)
        }
    }

    private static var restartOnly: [RestartOnly] {
        [
            .provider, RestartOnly("settings.yaml llm.timeout_seconds", at: \.model.timeout),
            RestartOnly("settings.yaml llm.max_retries", at: \.model.maxRetries),
            RestartOnly("settings.yaml llm.retry_budget_seconds", at: \.model.retryBudget),
            RestartOnly("settings.yaml llm.fallback_model", at: \.model.fallbackModel),
            RestartOnly("settings.yaml app.host", at: \.sidePort.host),
            RestartOnly("settings.yaml app.port", at: \.sidePort.port),
            RestartOnly("settings.yaml database.url", at: \.store),
            RestartOnly("settings.yaml question.ask_back", at: \.asksBack),
            RestartOnly("settings.yaml shutdown.drain_seconds", at: \.drain),
            RestartOnly("settings.yaml analytics.time_zone", at: \.timeZone),
            RestartOnly(
                "settings.yaml logging", "settings.yaml audit.log_level", "settings.yaml audit.log_format", at: \.log),
            RestartOnly("mcps.yaml \(Policy.analyticsServer) enabled and timeout_seconds", at: \.analyticsTools),
            RestartOnly("slack.yaml slack.bot_token", at: \.slack.botToken),
            RestartOnly("slack.yaml slack.app_token", at: \.slack.appToken),
            RestartOnly("slack.yaml slack.api_url", at: \.slack.apiURL),
        ]
    }
}
