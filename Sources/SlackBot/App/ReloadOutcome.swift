import Bridge

/// Outcome of a reload, for HTTP, the command line, the log and the audit log. Contains names of keys, never values.
struct ReloadOutcome: Sendable, Hashable {
    /// What a reload did.
    enum State: String, Sendable, Hashable {
        case applied
        /// The files have the settings that are in force.
        case unchanged
        /// The files have an error; the settings in force stay.
        case rejected
    }

    let state: State
    /// Generation of the settings in force, from 1.
    let generation: Int
    /// Digest of the settings in force.
    let digest: String
    /// Keys whose new value was put in force.
    var changed: [String] = []
    /// Keys whose value in the files takes effect after a restart only.
    var needsRestart: [String] = []
    /// MCP servers that were added, changed and removed.
    var servers = SettingsDiff.ServerChanges()
    /// Errors, warnings and notes about the files.
    var problems: [ConfigProblem] = []

    /// An outcome without changes.
    init(_ state: State, generation: Int, digest: String) {
        (self.state, self.generation, self.digest) = (state, generation, digest)
    }

    var errors: [ConfigProblem] { problems.filter { $0.severity == .error } }

    /// The body of `/admin/reload`'s response, and the detail of the administrative event.
    var json: JSONValue {
        func list(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
        var body: JSONObject = ["status": .string(state.rawValue)]
        if state == .rejected {
            body["error"] = [
                "code": .string(ErrorCode.configuration.rawValue),
                "message": .string("The files have errors, so the configuration in force stays."),
            ]
        }
        body["generation"] = .int(Int64(generation))
        body["digest"] = .string(digest)
        body["changed"] = list(changed)
        body["needs_restart"] = list(needsRestart)
        body["mcps"] = [
            "added": list(servers.added), "changed": list(servers.changed), "removed": list(servers.removed),
        ]
        let reported = problems.filter { $0.severity != .note }
        body["problems"] = list(reported.map { "\($0.severity.rawValue): \($0)" })
        return .object(body)
    }

    /// The ``json`` of another process as lines for a terminal.
    static func lines(_ json: JSONValue) -> [String] {
        func list(_ value: JSONValue?) -> [String] { value?.array?.compactMap(\.string) ?? [] }
        let generation = json["generation"]?.int.map { " (generation \($0))" } ?? ""
        var lines: [String]
        switch json["status"]?.string.flatMap(State.init(rawValue:)) {
        case .applied: lines = ["The configuration was reloaded\(generation)."]
        case .unchanged: lines = ["The configuration is unchanged\(generation)."]
        case .rejected: lines = ["The files have errors, so the configuration in force stays\(generation)."]
        case nil: lines = ["The answer says nothing about a reload."]
        }
        lines += list(json["problems"])
        lines += list(json["changed"]).map { "changed: \($0)" }
        for change in ["added", "changed", "removed"] {
            lines += list(json["mcps"]?[change]).map { "server \(change): \($0)" }
        }
        lines += list(json["needs_restart"]).map { "needs a restart: \($0)" }
        return lines
    }
}
