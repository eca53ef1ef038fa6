import ArgumentParser
import Bridge
import Foundation
import Logging

/// Options of the commands that read the configuration.
struct ConfigOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "The folder of the five YAML files (default: OMNI_CONFIG or config).")
    var folder: String?

    /// The folder in force.
    func folder(_ environment: EnvironmentVariables) -> String { folder ?? environment["OMNI_CONFIG"] ?? "config" }

    /// Loads the configuration. Warnings and notes go to standard error, unless `quietly`; those of the files are also
    /// returned. Throws ``CommandFailed`` with every error.
    ///
    /// - Parameter needsVariables: as in ``SettingsLoader``.
    func load(
        quietly: Bool = false, needsVariables: Bool = true
    ) throws -> (settings: Settings, environment: EnvironmentVariables, problems: [ConfigProblem]) {
        let (environment, dotEnv) = EnvironmentVariables.load()
        let folder = folder(environment)
        let (settings, found) = SettingsLoader.load(
            folder: folder, environment: environment, needsVariables: needsVariables)
        let problems = dotEnv + found
        guard let settings else {
            let errors = problems.filter { $0.severity == .error }.map { "error: \($0)" }
            throw CommandFailed(errors.joined(separator: "\n"))
        }
        if !quietly {
            for problem in problems where problem.severity != .error {
                Terminal.error("\(problem.severity.rawValue): \(problem)")
            }
        }
        return (settings, environment, found)
    }

    /// Builds the app for a command that runs beside the bot: it logs errors only, unless LOG_LEVEL is set, and has its
    /// own process name in the store.
    func app() async throws -> App {
        var (settings, environment, _) = try load(quietly: true)
        if environment["LOG_LEVEL"] == nil { settings.log.level = .error }
        LogOutput.start(settings.log)
        return try await App.build(
            settings, environment: environment, processName: "command-\(ProcessInfo.processInfo.processIdentifier)",
            logger: Logger(label: "omni"))
    }
}

extension App {
    /// Runs `work` while the MCP servers run and leases are renewed, then closes the servers, the HTTP client and the
    /// store. SIGINT and SIGTERM cancel `work`. Throws the error of `work`.
    func whileServing<Value: Sendable>(_ work: @escaping @Sendable (App) async throws -> Value) async throws -> Value {
        let leases = LeaseRenewal(
            store: store, process: process, inFlight: inFlight, isRegistered: false, logger: logger)
        let result = await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await registry.run() }
            group.addTask { await leases.run() }
            defer { group.cancelAll() }
            return await untilInterrupted { try await work(self) }
        }
        await http.shutdown()
        await store.close()
        return try result.get()
    }
}
