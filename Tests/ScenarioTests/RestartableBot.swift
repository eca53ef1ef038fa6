import Bridge
import Foundation
import Logging
import SlackEmulator
import TestKit
import Testing
import WebSockets

@testable import SlackBot

/// An emulated Slack on loopback and a folder in which Omni is started several times, one after the other or at once.
struct RestartableBot: Sendable {
    let emulator: Emulator
    let folder: URL
    let plan: InProcessBot.Plan

    static func open(_ plan: InProcessBot.Plan, _ body: @escaping @Sendable (RestartableBot) async throws -> Void)
        async throws
    {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let folder = temporary.url
        try InProcessBot.write(plan, to: folder)
        var options = plan.emulator
        options.people = InProcessBot.people
        try await withEmulator(options) { emulator in
            try await body(RestartableBot(emulator: emulator, folder: folder, plan: plan))
        }
    }

    /// Runs Omni for the duration of `body`, which begins when `connections` connections of the workspace are live.
    func run(
        _ name: String = "one", connections: Int = 2, pingPolicy: PingPolicy = PingPolicy(),
        intervals: ConnectionScaler.Intervals = ConnectionScaler.Intervals(),
        _ body: @escaping @Sendable (InProcessBot) async throws -> Void
    ) async throws {
        let environment = InProcessBot.environment(plan, emulator, folder)
        let (found, problems) = SettingsLoader.load(
            folder: folder.appending(path: "config").path(), environment: environment)
        let settings = try #require(found, "\(problems)")
        let logger = Logger(label: name)
        let app = try await App.build(settings, environment: environment, processName: name, logger: logger)
        let omni = try await Bot.build(
            app, environment: environment, metrics: PrometheusRegistry(), pingPolicy: pingPolicy, intervals: intervals)
        let bot = InProcessBot(emulator: emulator, omni: omni, folder: folder)
        let services = omni.group(stoppingAt: [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let result = await Result { [emulator] in
                let isLive = await emulator.waitUntil(within: .seconds(60)) { $0.connections.live >= connections }
                try #require(isLive, "Omni did not connect")
                try await body(bot)
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            try result.get()
        }
    }
}
