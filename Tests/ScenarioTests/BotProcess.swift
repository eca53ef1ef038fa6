import Analytics
import Bridge
import Foundation
import NIOConcurrencyHelpers
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

/// Omni as a child process, connected to an emulated Slack on loopback. Tests kill, stop and start it again.
struct BotProcess: Sendable {
    let emulator: Emulator
    let folder: URL
    let environment: [String: String]
    private let location: StoreLocation

    static let database: [Backend] = Backend.allCases

    enum Backend: String, CaseIterable, Sendable { case sqlite, postgres }

    /// Makes a configuration folder and a store for the duration of `body`.
    ///
    /// - Parameters:
    ///   - isStreaming: whether answers are streamed.
    ///   - database: the URL of a PostgreSQL of the test's own; nil for a new database on the shared one.
    ///   - redeliveries: the delays after which Slack redelivers an unacknowledged envelope; nil for Slack's own.
    static func open(
        _ backend: Backend, settings: String, mcps: String, isStreaming: Bool = false,
        environment: [String: String] = [:], database: String? = nil, redeliveries: [Duration]? = nil,
        _ body: @escaping @Sendable (BotProcess) async throws -> Void
    ) async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let folder = temporary.url
        let config = folder.appending(path: "config")
        try FileManager.default.createDirectory(at: config, withIntermediateDirectories: true)
        let slack = isStreaming ? "" : InProcessBot.withoutStreaming
        let files = [
            "settings.yaml": settings, "mcps.yaml": mcps, "users.yaml": InProcessBot.users, "slack.yaml": slack,
        ]
        for (name, text) in files {
            try Data(text.utf8).write(to: config.appending(path: name))
        }
        var url = database
        if url == nil, backend == .postgres { url = try await PrivatePostgres.database() }
        let place = url
        var options = EmulatorOptions()
        options.people = InProcessBot.people
        if let redeliveries { options.timeouts.redeliveries = redeliveries }
        try await withEmulator(options) { emulator in
            var values = environment
            values["SLACK_API_URL"] = emulator.apiURL
            values["SLACK_BOT_TOKEN"] = emulator.options.botToken
            values["SLACK_APP_TOKEN"] = emulator.options.appToken
            values["OMNI_DATA"] = folder.appending(path: "data").path()
            values["OMNI_CONFIG"] = config.path()
            values["LOG_FORMAT"] = "text"
            values["DATABASE_URL"] = place
            let location = try StoreLocation(databaseURL: place, dataFolder: folder.appending(path: "data").path())
            try await body(BotProcess(emulator: emulator, folder: folder, environment: values, location: location))
        }
    }

    /// Runs `omni run` until it exits; `meanwhile` begins when its connections are live, and receives its process id.
    ///
    /// - Parameter connections: the number of live connections, with those of other processes, at which `meanwhile`
    ///   begins; nil when there is no other process.
    func run(
        _ more: [String: String] = [:], connections: Int? = nil,
        meanwhile: @escaping @Sendable (Int32) async throws -> Void
    ) async throws -> ProgramRun {
        let emulator = emulator
        // Slack notices the closed connections of a killed process a moment after its exit.
        if connections == nil {
            let isAlone = await emulator.waitUntil(within: .seconds(60)) { $0.connections.open == 0 }
            try #require(isAlone, "the connections of the process before are still open")
        }
        let failure = LockedBox<(any Error)?>(nil)
        let outcome = try await Program.run(
            ["run"], environment: environment.merging(more) { _, new in new }
        ) { pid in
            do {
                let isLive = await emulator.waitUntil(within: .seconds(60)) { $0.connections.live >= connections ?? 2 }
                try #require(isLive, "Omni did not connect")
                try await meanwhile(pid)
            } catch {
                failure.value = error
                kill(pid, SIGKILL)
            }
        }
        if let error = failure.value { throw error }
        return outcome
    }

    /// Opens the store in the test's process, beside the program.
    func withStore<Value: Sendable>(_ body: @Sendable (Store) async throws -> Value) async throws -> Value {
        let store = try await Store.open(location, migrating: false)
        do {
            let value = try await body(store)
            await store.close()
            return value
        } catch {
            await store.close()
            throw error
        }
    }

    /// Returns when `/omni-status` reports the tools of an MCP server: a question waits only two seconds for a server
    /// that starts.
    func offers(_ server: String) async throws {
        let before = emulator.ephemerals("cleo").count
        try await eventually("the tools of \(server) are known", within: .seconds(60)) {
            _ = try await emulator.command(as: "cleo", in: "#ops", "/omni-status")
            return await emulator.waitUntil(within: .seconds(1)) { snapshot in
                snapshot.ephemerals("cleo").dropFirst(before).contains { $0.text.contains("*\(server)* healthy") }
            }
        }
    }

    /// Returns when no question and no message is pending: the last message is in Slack a moment before it is marked
    /// in the store.
    func allSaid() async throws {
        try await eventually("all of it is said", within: .seconds(60)) {
            try await withStore { try await $0.unfinished().isEmpty }
        }
    }

    /// Omni's final messages in a thread (no progress messages, no open streams), once there is one and no question is unfinished.
    func finalMessages(_ channel: String, _ root: String) async -> [EmulatedMessage] {
        let found = await emulator.waitFor(within: .seconds(60)) { snapshot -> [EmulatedMessage]? in
            let replies = snapshot.thread(channel, root).filter { $0.botID != nil && $0.ts != root }
            let isUnderway = replies.contains { !$0.isFinal }
            return replies.isEmpty || isUnderway ? nil : replies
        }
        return found ?? []
    }
}
