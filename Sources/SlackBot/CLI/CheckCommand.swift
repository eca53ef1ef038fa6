import Analytics
import ArgumentParser
import Bridge
import Foundation
import Logging

/// `omni check`: checks the configuration and, unless offline, each peer it names. Exit code 1 after an error.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Check the configuration, and unless --offline connect once to Slack, the model, the store and every MCP server."
    )

    @Flag(help: "Check the files only.")
    var offline = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let (environment, dotEnv) = EnvironmentVariables.load()
        let folder = config.folder(environment)
        let (settings, found) = SettingsLoader.load(folder: folder, environment: environment)
        let problems = dotEnv + found
        for problem in problems { Terminal.out("\(problem.severity.rawValue): \(problem)") }
        guard let settings else { throw ExitCode(1) }
        Terminal.out("ok: configuration in \(folder) (digest \(settings.digest.prefix(12)))")
        guard !offline else { return }
        LogOutput.start(LogSettings(level: .critical))
        let check = ConnectivityCheck(settings: settings, environment: environment)
        var isWell = true
        for line in await check.all() {
            Terminal.out(line.isWell ? "ok: \(line.text)" : "error: \(line.text)")
            isWell = isWell && line.isWell
        }
        guard isWell else { throw ExitCode(1) }
    }
}
