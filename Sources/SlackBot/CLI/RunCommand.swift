import Analytics
import ArgumentParser
import Bridge
import Foundation
import Logging
import Metrics

/// `omni run`: runs the bot.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the bot until SIGTERM or SIGINT.")

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let (settings, environment, problems) = try config.load()
        LogOutput.start(settings.log)
        let metrics = PrometheusRegistry()
        MetricsSystem.bootstrap(metrics)
        let logger = Logger(label: "omni")
        if let retirement = RetiredModels.retirement(of: settings.model.model) {
            logger.warning("\(retirement.sentence)")
        }
        do {
            let lock = try Self.lock(settings)
            defer { withExtendedLifetime(lock) {} }
            let name = environment["OMNI_PROCESS"] ?? "\(ProcessInfo.processInfo.hostName):\(settings.sidePort.port)"
            let app = try await App.build(
                settings, environment: environment, processName: name, spools: true, logger: logger)
            let bot = try await Bot.build(
                app, environment: environment, problems: problems, metrics: metrics, reloadsOnHUP: true)
            try await bot.group().run()
        } catch let error as CommandFailed {
            throw error
        } catch {
            throw CommandFailed("error: \(error)")
        }
    }

    /// Locks the data folder of the embedded store, whose questions only one process may work on; nil for PostgreSQL,
    /// where leases ensure that. Throws when another process holds the lock.
    static func lock(_ settings: Settings) throws -> ProcessLock? {
        guard case .sqlite = try settings.storeLocation() else { return nil }
        return try ProcessLock(folder: settings.dataFolder)
    }
}
