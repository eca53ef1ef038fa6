import Bridge
import Foundation
import Logging

/// Decodes settings.yaml; the environment's variables take precedence.
enum GeneralSection {
    static func decode(
        _ root: ConfigNode, _ environment: EnvironmentVariables, into settings: inout Settings,
        _ variables: inout VariableProblems
    ) {
        settings.model = ModelSection.decode(root["llm"], environment)
        settings.sidePort = sidePort(root["app"], environment)
        settings.store.databaseURL = databaseURL(root["database"]["url"], environment, &variables)
        settings.log = log(root, environment, &variables)
        settings.dataFolder = environment["OMNI_DATA"] ?? settings.dataFolder
        settings.deadline = root["question"]["deadline_seconds"].duration() ?? settings.deadline
        settings.asksBack = root["question"]["ask_back"].bool() ?? settings.asksBack
        settings.auditRequired = root["audit"]["required"].bool() ?? settings.auditRequired
        settings.timeZone = timeZone(root["analytics"]["time_zone"]) ?? settings.timeZone
        settings.auditKey = auditKey(environment, &variables)
        settings.drain = root["shutdown"]["drain_seconds"].duration() ?? settings.drain
    }

    /// `audit.retention_days` of settings.yaml takes precedence over that of mcps.yaml.
    static func retentionDays(_ general: ConfigNode, mcps: ConfigNode) -> Int? {
        let days = [general, mcps].map { $0["audit"]["retention_days"].int(in: 0...36_500) }
        return days[0] ?? days[1]
    }

    private static func auditKey(
        _ environment: EnvironmentVariables, _ variables: inout VariableProblems
    ) -> Secret? {
        guard let value = environment.secret("OMNI_AUDIT_KEY") else { return nil }
        let text = value.revealed.trimmingCharacters(in: .whitespacesAndNewlines)
        guard Data(base64Encoded: text)?.count == 32 else {
            variables.report(
                "OMNI_AUDIT_KEY", "is not the base64 text of 32 bytes", hint: "make one with `openssl rand -base64 32`")
            return nil
        }
        return value
    }

    private static func sidePort(_ app: ConfigNode, _ environment: EnvironmentVariables) -> SidePortSettings {
        var port = SidePortSettings()
        port.host = app["host"].text() ?? port.host
        port.port = app["port"].int(in: 0...65535) ?? port.port
        port.adminToken = environment.secret("OMNI_ADMIN_TOKEN")
        return port
    }

    private static func timeZone(_ node: ConfigNode) -> TimeZone? {
        guard let name = node.text() else { return nil }
        guard let zone = TimeZone(identifier: name) else {
            node.report(
                "unknown time zone \"\(node.written)\"", hint: "use a name of the tz database, such as Europe/Vienna")
            return nil
        }
        return zone
    }

    /// `postgresql+asyncpg://` is the original's form.
    private static let schemes = ["postgresql://", "postgres://", "postgresql+asyncpg://", "sqlite://"]
    private static let schemeHint = "use postgresql://user@host/database or sqlite:///path"

    private static func databaseURL(
        _ node: ConfigNode, _ environment: EnvironmentVariables, _ variables: inout VariableProblems
    ) -> Secret? {
        func isFine(_ url: Secret) -> Bool { schemes.contains { url.revealed.hasPrefix($0) } }
        if let url = environment.secret("DATABASE_URL") {
            _ = node.inactive().secret()
            guard isFine(url) else {
                variables.report("DATABASE_URL", "is no database URL that Omni knows", hint: schemeHint)
                return nil
            }
            return url
        }
        guard let url = node.secret() else { return nil }
        guard isFine(url) else {
            node.report("is no database URL that Omni knows", hint: schemeHint)
            return nil
        }
        return url
    }

    /// `logging.level` takes precedence over `audit.log_level`; `logging.format` is a Python format string in the
    /// original's files.
    private static func log(
        _ root: ConfigNode, _ environment: EnvironmentVariables, _ variables: inout VariableProblems
    ) -> LogSettings {
        var log = LogSettings()
        let levels = [root["audit"]["log_level"], root["logging"]["level"]].compactMap(level)
        log.level = levels.last ?? log.level
        let formats = [format(root["audit"]["log_format"]), format(root["logging"]["format"])].compactMap { $0 }
        log.format = formats.last
        if let name = environment["LOG_LEVEL"] {
            if let level = level(named: name) {
                log.level = level
            } else {
                variables.report("LOG_LEVEL", "unknown log level", hint: levelHint)
            }
        }
        if let name = environment["LOG_FORMAT"] {
            if let format = LogSettings.Format(rawValue: name.lowercased()) {
                log.format = format
            } else {
                variables.report("LOG_FORMAT", "unknown log format", hint: "use text or json")
            }
        }
        return log
    }

    private static let levelHint = "use trace, debug, info, notice, warning, error or critical"

    private static func level(named name: String) -> Logger.Level? {
        let name = name.lowercased()
        return Logger.Level(rawValue: name == "warn" ? "warning" : name)
    }

    private static func level(_ node: ConfigNode) -> Logger.Level? {
        guard let name = node.text() else { return nil }
        guard let level = level(named: name) else {
            node.report("unknown log level \"\(node.written)\"", hint: levelHint)
            return nil
        }
        return level
    }

    private static func format(_ node: ConfigNode) -> LogSettings.Format? {
        guard let text = node.text() else { return nil }
        if text.contains("%(") {
            node.file.noteEffectless(node.path)
            return nil
        }
        return node.choice("log format", LogSettings.Format.self)
    }
}
