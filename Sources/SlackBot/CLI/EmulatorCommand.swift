import ArgumentParser
import Logging
import ServiceLifecycle
import SlackEmulator

/// `omni emulator`: runs the Slack emulator without Omni.
struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulator", abstract: "Run the local Slack workspace alone, for any Slack app.")

    @Option(help: "The port of the Web API and the page; 0 takes any free one.")
    var port = 3900

    @Option(help: "People besides the demo's, named p1, p2, …")
    var people = 0

    @Option(help: "Channels besides the usual, named load-1, load-2, …")
    var channels = 0

    @Flag(help: "Keep Slack's rate limits, as Slack does: by method and minute, and one post a second in a channel.")
    var tierLimits = false

    func run() async throws {
        LogOutput.start(LogSettings(level: .warning))
        let logger = Logger(label: "omni.emulator")
        var options = DemoWorkspace.options(port: port)
        options.addCrowd(people: people, channels: channels)
        options.tierLimits = tierLimits
        let emulator = Emulator(options, logger: logger)
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
