import Bridge
import Foundation
import Logging
import SlackEmulator
import Sockets
import Testing

@testable import SlackBot

/// A Slack on loopback and a folder in which Omni is started and stopped several times, or several of it at once.
struct Stage: Sendable {
    let emulator: Emulator
    let folder: URL
    let plan: World.Plan

    static func open(_ plan: World.Plan, _ body: @escaping @Sendable (Stage) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "omni-stage-\(ULID())")
        try World.write(plan, to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = plan.emulator
        options.people = World.people
        try await withEmulator(options) { emulator in
            try await body(Stage(emulator: emulator, folder: folder, plan: plan))
        }
    }

    /// Runs Omni for the time of `body`, which begins when so many connections of the workspace are live.
    func run(
        _ name: String = "one", connections: Int = 2, liveness: Liveness = Liveness(),
        rhythm: Fleet.Rhythm = Fleet.Rhythm(), _ body: @escaping @Sendable (World) async throws -> Void
    ) async throws {
        let environment = World.environment(plan, emulator, folder)
        let (found, problems) = SettingsLoader.load(
            folder: folder.appending(path: "config").path(), environment: environment)
        let settings = try #require(found, "\(problems)")
        let logger = Logger(label: name)
        let house = try await House.build(settings, environment: environment, processName: name, logger: logger)
        let bot = try await Bot.build(
            house, environment: environment, metrics: PrometheusRegistry(), liveness: liveness, rhythm: rhythm)
        let world = World(emulator: emulator, bot: bot, folder: folder)
        let services = bot.group(stoppingAt: [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let result = await Result { [emulator] in
                let isLive = await emulator.waitUntil(within: .seconds(60)) { $0.connections.live >= connections }
                try #require(isLive, "Omni did not connect")
                try await body(world)
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            try result.get()
        }
    }
}

extension World {
    /// What the process knows of its connections, once it is so.
    @discardableResult
    func health(_ condition: @Sendable (SocketHealth.State) -> Bool) async throws -> SocketHealth.State {
        var state = SocketHealth.State()
        try await until("the connections are as they should be") {
            state = await bot.health.report().slack ?? state
            return condition(state)
        }
        return state
    }

    /// Returns when it is so; throws when it is not within a minute.
    func until(_ what: String, _ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw NeverSo(what)
    }

    /// The bot's final messages in a thread.
    func answers(_ channel: String, _ root: String) -> [EmulatedMessage] {
        emulator.thread(channel, root).filter {
            $0.botID != nil && $0.ts != root && !$0.text.hasPrefix(":hourglass_flowing_sand:")
        }
    }
}

/// What was waited for and did not come.
struct NeverSo: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = "waited in vain until \(what)" }
}
