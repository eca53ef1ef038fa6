import ArgumentParser
import Bridge
import Foundation
import Logging
import ServiceLifecycle
import SlackEmulator

/// `omni demo`: runs Omni against the Slack emulator and asks the questions of ``DemoScript``.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Show Omni in a Slack on this machine: no account, no token, no key.",
        discussion: """
            Starts the local workspace, Omni and the demo's MCP server, asks three questions as people would, prints \
            the threads and stays up. With DEMO_ONCE=1 it ends after the questions: 0 when all were answered rightly.
            """)

    @Option(name: .customLong("config"), help: "The demo's configuration folder.")
    var folder = "demo/config"

    @Option(help: "The port of the workspace page; another free one is taken when it is in use.")
    var port = 3900

    @Option(help: "Ask this model of Anthropic instead of the offline one; needs ANTHROPIC_API_KEY.")
    var model: String?

    @Flag(help: "End after the three questions, as DEMO_ONCE=1 does.")
    var once = false

    func run() async throws {
        let isOnce = once || ProcessInfo.processInfo.environment["DEMO_ONCE"] == "1"
        let level = ProcessInfo.processInfo.environment["LOG_LEVEL"].flatMap(Logger.Level.init(rawValue:))
        LogOutput.start(LogSettings(level: level ?? .error))
        let logger = Logger(label: "omni.demo")
        let emulator = DemoWorkspace.emulator(port: FreePort.near(port), logger: logger)
        let (folder, model) = (folder, model)
        let visit = DemoService {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await emulator.run() }
                try await emulator.waitUntilReady()
                Terminal.out("Omni starts and connects to the workspace at \(emulator.pageURL)")
                try await DemoWorkspace.run(in: emulator, configuration: folder, model: model, logger: logger) { _ in
                    try await Self.show(emulator, staying: !isOnce)
                }
                group.cancelAll()
            }
        }
        var group = ServiceGroupConfiguration(
            services: [.init(service: visit, successTerminationBehavior: .gracefullyShutdownGroup)],
            cancellationSignals: [.sigterm, .sigint], logger: logger)
        group.maximumCancellationDuration = .seconds(20)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch is CancellationError {
        } catch let failed as CommandFailed {
            throw failed
        } catch {
            throw CommandFailed("error: \(error)")
        }
    }

    private static func show(_ emulator: Emulator, staying: Bool) async throws {
        var wrong = 0
        for (number, step) in DemoScript.steps.enumerated() {
            Terminal.out("\n\(number + 1). \(step.asked)\n")
            let result = try await DemoScript(emulator: emulator).make(step)
            Terminal.out(
                result.thread.split(separator: "\n", omittingEmptySubsequences: false).map { "   │ \($0)" }
                    .joined(separator: "\n"))
            if !result.isRight {
                wrong += 1
                Terminal.error(
                    "   ✗ this is not the answer that was expected: \(step.expected.joined(separator: ", "))")
            }
        }
        guard wrong == 0 else {
            throw CommandFailed("error: \(wrong) of \(DemoScript.steps.count) questions were not answered rightly")
        }
        guard staying else { return }
        Terminal.out(
            """

            The workspace is open at \(emulator.pageURL)  (Ctrl-C ends it)
            Ask there in your own words, for example: /omni what can you do?
            """)
        // Until a signal cancels the group.
        try await Task.sleep(for: .seconds(86_400 * 365))
    }
}

/// The demo as the one service of a group, which handles the signals.
private struct DemoService: Service {
    let body: @Sendable () async throws -> Void

    init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

    func run() async throws { try await body() }
}
