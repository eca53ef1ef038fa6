import Bridge

/// What came of a reload, for HTTP, the command line, the log and the record: names of keys, never values.
struct ReloadOutcome: Sendable, Hashable {
    enum State: String, Sendable, Hashable {
        case applied
        /// The files say what is in force already.
        case unchanged
        /// An error in the files: what was in force stays.
        case rejected
    }

    let state: State
    /// Of the settings in force, from 1.
    let generation: Int
    /// Of the settings in force.
    let digest: String
    var changed: [String] = []
    /// The keys whose written value counts after a restart only.
    var needsRestart: [String] = []
    var servers = SettingsDiff.ServerChanges()
    /// What was found in the files, errors and warnings.
    var problems: [ConfigProblem] = []

    /// Before the first reload.
    init(_ state: State, generation: Int, digest: String) {
        (self.state, self.generation, self.digest) = (state, generation, digest)
    }

    var errors: [ConfigProblem] { problems.filter { $0.severity == .error } }

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
        let told = problems.filter { $0.severity != .note }
        body["problems"] = list(told.map { "\($0.severity.rawValue): \($0)" })
        return .object(body)
    }

    /// As a person at a terminal reads the ``json`` of another process.
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
