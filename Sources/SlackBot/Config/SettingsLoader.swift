import Bridge
import Crypto
import Foundation

/// Reads a configuration folder and decodes it into ``Settings``; collects the problems of all files.
enum SettingsLoader {
    /// The files that are read.
    static let fileNames = ["settings.yaml", "mcps.yaml", "users.yaml", "slack.yaml", "threading.yaml"]

    /// Loads `folder`, in which every file may be missing. The problems are in reading order; the settings are nil when
    /// one of them is an error.
    ///
    /// - Parameters:
    ///   - running: the settings that the files replace in a running process, in which a file that is gone, empty or
    ///     half-written is an error; nil at a start.
    ///   - needsVariables: whether a `${VAR}` whose variable is not set is an error; otherwise its key counts as absent.
    static func load(
        folder: String, environment: EnvironmentVariables, replacing running: Settings? = nil,
        needsVariables: Bool = true
    ) -> (Settings?, [ConfigProblem]) {
        let files = Dictionary(
            uniqueKeysWithValues: fileNames.map {
                ($0, ConfigFile(name: $0, in: folder, environment: environment))
            })
        var (settings, problems) = load(files, environment: environment)
        settings.folder = folder
        let lost = running.map { settings.files.problems(replacing: $0.files, in: folder) } ?? []
        let all = (problems.filter { needsVariables || !$0.isUnset } + lost + strayFiles(in: folder)).inReadingOrder()
        return (all.hasErrors ? nil : settings, all)
    }

    /// The side port of a process with this folder, also when the files have errors elsewhere.
    static func sidePort(folder: String, environment: EnvironmentVariables) -> SidePortSettings {
        let file = ConfigFile(name: fileNames[0], in: folder, environment: environment)
        var (settings, variables) = (Settings(), VariableProblems())
        GeneralSection.decode(file.root, environment, into: &settings, &variables)
        return settings.sidePort
    }

    /// Every key that the loader reads, by file, as far as the folder's content leads it; for the test of the
    /// documentation.
    static func knownKeys(folder: String, environment: EnvironmentVariables) -> [String: Set<String>] {
        let files = Dictionary(
            uniqueKeysWithValues: fileNames.map {
                ($0, ConfigFile(name: $0, in: folder, environment: environment))
            })
        _ = load(files, environment: environment)
        return files.mapValues(\.knownKeys)
    }

    private static func load(
        _ files: [String: ConfigFile], environment: EnvironmentVariables
    ) -> (Settings, [ConfigProblem]) {
        func file(_ name: String) -> ConfigNode {
            let file = files[name] ?? ConfigFile(name: name, in: "", environment: environment)
            return file.root
        }
        let (general, mcps, users, slack) = (
            file("settings.yaml"), file("mcps.yaml"), file("users.yaml"), file("slack.yaml")
        )
        var variables = VariableProblems()
        var settings = Settings()
        let roles = RolesSection.decode(users: users["roles"], mcps: mcps["roles"])
        let names = DeclaredNames(roles: roles, mcps: mcps["mcps"], users: users)
        settings.policy.roles = roles
        GeneralSection.decode(general, environment, into: &settings, &variables)
        settings.retentionDays = GeneralSection.retentionDays(general, mcps: mcps) ?? settings.retentionDays
        ServersSection.decode(mcps, general: general["mcp"], into: &settings)
        RulesSection.decode(mcps, slack: slack, names, into: &settings.policy)
        settings.slack = SlackSection.decode(slack, environment, names, &variables)
        settings.threading = ThreadingSection.decode(file("threading.yaml"))
        let configured = UsersSection.decode(
            users, names, admins: environment["OMNI_ADMINS"], workspace: settings.slack.workspaceID)
        settings.users = configured.users
        settings.policy.defaultServers = configured.defaultServers
        for name in fileNames { files[name].map(names.check(patternsOf:)) }
        settings.digest = digest(fileNames.compactMap { files[$0] })
        settings.files = LoadedFiles(fileNames.compactMap { files[$0] })
        settings.keys = ConfigKeys(fileNames.compactMap { files[$0] })
        for name in fileNames { files[name].map(UnknownKeys.report) }
        return (settings, variables.problems + fileNames.flatMap { files[$0]?.problems ?? [] })
    }

    private static func digest(_ files: [ConfigFile]) -> String {
        var hash = SHA256()
        for file in files {
            hash.update(data: Data("\(file.name) \(file.bytes.count)\n".utf8))
            hash.update(data: file.bytes)
        }
        return hash.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count < 2 ? "0\(digits)" : digits
        }.joined()
    }

    private static func strayFiles(in folder: String) -> [ConfigProblem] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            return [
                ConfigProblem(
                    .note, file: folder, message: "no configuration folder here, so the defaults apply",
                    hint: "name the folder with --config or OMNI_CONFIG")
            ]
        }
        return names.filter { ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) && !fileNames.contains($0) }.map { name in
            let nearest = SpellingSuggestion.of(name, among: fileNames)
            return ConfigProblem(
                .warning, file: folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)",
                message: "this file is not read",
                hint: nearest.map { "did you mean \($0)?" } ?? "the files are \(fileNames.joined(separator: ", "))")
        }
    }
}

/// Problems of environment variables, which have no file and no line.
struct VariableProblems {
    private(set) var problems: [ConfigProblem] = []

    mutating func report(_ variable: String, _ message: String, hint: String) {
        problems.append(
            ConfigProblem(.error, file: "environment", keyPath: variable, message: message, hint: hint))
    }
}
