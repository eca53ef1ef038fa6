import ArgumentParser
import Logging
import ServiceLifecycle
import SlackEmulator

struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulator", abstract: "Run the local Slack workspace alone, for any Slack app.")

    @Option(help: "The port of the Web API and the page; 0 takes any free one.")
    var port = 3900

    func run() async throws {
        LogOutput.start(LogSettings(level: .warning))
        let logger = Logger(label: "omni.emulator")
        let emulator = DemoWorkspace.emulator(port: port, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await ServiceGroup(
                    services: [emulator], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
                ).run()
            }
            try await emulator.waitUntilReady()
            Terminal.out("page             \(emulator.pageURL)")
            Terminal.out("SLACK_API_URL    \(emulator.apiURL)")
            Terminal.out("SLACK_BOT_TOKEN  \(emulator.options.botToken)")
            Terminal.out("SLACK_APP_TOKEN  \(emulator.options.appToken)")
            try await group.waitForAll()
        }
    }
}
