import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("PostgreSQL is unavailable", .serialized, .timeLimit(.minutes(10)))
struct OutageScenarios {
    private static let offline = "app: {port: 0}\nllm: {provider: offline}\n"

    private static func away(
        _ settings: String = offline, mcps: String = SlackQuestionScenarios.ops, environment: [String: String] = [:],
        _ body: @escaping @Sendable (BotProcess, PrivatePostgres.Cluster) async throws -> Void
    ) async throws {
        let cluster = try await PrivatePostgres.Cluster.make()
        let url = try await cluster.database()
        try await BotProcess.open(
            .postgres, settings: settings, mcps: mcps, environment: environment, database: url
        ) { process in
            try await body(process, cluster)
        }
        try await cluster.stop()
    }

    private static func answer(_ process: BotProcess, _ root: String) async {
        let messages = await process.finalMessages("#ops", root)
        #expect(messages.count == 1, "\(process.emulator.threadText("#ops", root))")
    }

    /// Waits until the store holds `count` outcomes, and no question is unfinished or in the spool.
    private static func settled(_ process: BotProcess, _ count: Int) async throws {
        try await eventually("\(count) outcomes are in the store", within: .seconds(60)) {
            let isDone = try? await process.withStore { store in
                let (rows, open) = (try await store.count(), try await store.unfinished())
                return rows >= count && open.isEmpty
            }
            return isDone == true
        }
        try await process.withStore { store in
            let rows = try await store.recent(limit: 100)
            #expect(rows.count == count)
            #expect(Set(rows.map(\.questionID)).count == count)
            #expect(rows.allSatisfy { $0.warning != "doubled" })
            #expect(try await store.unfinished().isEmpty)
        }
    }

    private static func spool(_ process: BotProcess) -> [String] {
        let folder = process.folder.appending(path: "data/spool").path()
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".db") }
    }

    @Test("users are answered while PostgreSQL is stopped, and each question is in the store once it runs again")
    func stopped() async throws {
        try await Self.away { process, cluster in
            let outcome = try await process.run { pid in
                let before = try process.emulator.say(as: "ana", in: "#ops", "@omni list deploys")
                await Self.answer(process, before)
                try await cluster.stop(.immediate)
                let roots = try (1...3).map { number in
                    try process.emulator.say(as: "ana", in: "#ops", "@omni list deploys, time \(number)")
                }
                for root in roots { await Self.answer(process, root) }
                #expect(Self.spool(process).count == 1)
                try await cluster.start()
                try await Self.settled(process, 4)
                let after = try process.emulator.say(as: "ana", in: "#ops", "@omni list deploys again")
                await Self.answer(process, after)
                try await Self.settled(process, 5)
                kill(pid, SIGTERM)
            }
            #expect(outcome.status == 0, "\(outcome.errors.suffix(3_000))")
            #expect(Self.spool(process).isEmpty)
            // On a slow machine an `accept` may take so long that there is another outage, which is logged once as
            // well.
            let (away, back) = ("The store is unavailable; questions", "The store is back.")
            let count = { (words: String) in outcome.errors.components(separatedBy: words).count - 1 }
            #expect(count(away) >= 1 && count(away) == count(back), "said once: \(outcome.errors.suffix(3_000))")
        }
    }

    @Test("killed with -9 while PostgreSQL is stopped, and started again: no question is lost and none is stored twice")
    func killed() async throws {
        try await Self.away { process, cluster in
            let root = LockedBox("")
            _ = try await process.run { pid in
                try await cluster.stop(.immediate)
                root.value = try process.emulator.say(as: "ana", in: "#ops", "@omni list deploys")
                await Self.answer(process, root.value)
                kill(pid, SIGKILL)
            }
            #expect(Self.spool(process).count == 1)
            let killed = try await process.run(["OMNI_FAULT_POINT": "answered"]) { _ in
                _ = try process.emulator.say(as: "ben", in: "#ops", "@omni list deploys, please")
            }
            #expect(killed.status == SIGKILL)
            let outcome = try await process.run { pid in
                let second = try #require(
                    process.emulator.messages("#ops").last { $0.botID == nil && $0.threadTS == nil })
                await Self.answer(process, second.ts)
                try await cluster.start()
                try await Self.settled(process, 2)
                await Self.answer(process, root.value)
                kill(pid, SIGTERM)
            }
            #expect(outcome.status == 0, "\(outcome.errors.suffix(3_000))")
            #expect(Self.spool(process).isEmpty)
        }
    }

    @Test("SIGTERM while PostgreSQL is stopped exits with 0 and logs what is in the spool; the next start drains it")
    func cleanStop() async throws {
        try await Self.away { process, cluster in
            let stopped = try await process.run { pid in
                try await cluster.stop(.immediate)
                let root = try process.emulator.say(as: "ana", in: "#ops", "@omni list deploys")
                await Self.answer(process, root)
                kill(pid, SIGTERM)
            }
            #expect(stopped.status == 0, "\(stopped.errors.suffix(3_000))")
            #expect(stopped.errors.contains("stays on the disk"))
            #expect(Self.spool(process).count == 1)
            try await cluster.start()
            let next = try await process.run { pid in
                try await Self.settled(process, 1)
                kill(pid, SIGTERM)
            }
            #expect(next.status == 0)
            #expect(Self.spool(process).isEmpty)
        }
    }

    @Test("started while PostgreSQL is stopped, Omni connects and answers, and creates the schema when PostgreSQL runs")
    func startedWithout() async throws {
        try await Self.away { process, cluster in
            try await cluster.stop()
            let outcome = try await process.run { pid in
                let root = try process.emulator.say(as: "ana", in: "#ops", "@omni list deploys")
                await Self.answer(process, root)
                try await cluster.start()
                try await Self.settled(process, 1)
                kill(pid, SIGTERM)
            }
            #expect(outcome.status == 0, "\(outcome.errors.suffix(3_000))")
        }
    }

    @Test("who votes on an answer while PostgreSQL is stopped is told to press again later")
    func vote() async throws {
        try await Self.away { process, cluster in
            let outcome = try await process.run { pid in
                try await cluster.stop(.immediate)
                let root = try process.emulator.say(as: "ana", in: "#ops", "@omni list deploys")
                let answer = try #require(await process.finalMessages("#ops", root).last)
                let elements = answer.blocks.first { $0["type"] == "context_actions" }?["elements"]
                let value = try #require(elements?[0]?["positive_button"]?["value"]?.string)
                let press = try await process.emulator.press(
                    as: "ben", in: "#ops", answer.ts, action: FeedbackView.actionID, value: value)
                #expect(press.wasAcknowledged)
                let told = await process.emulator.waitFor(within: .seconds(60)) { $0.ephemerals("ben").last }
                #expect(told.map { process.emulator.messageText($0) }?.contains(UserMessages.pressAgain) == true)
                try await cluster.start()
                try await Self.settled(process, 1)
                kill(pid, SIGTERM)
            }
            #expect(outcome.status == 0, "\(outcome.errors.suffix(3_000))")
        }
    }

    @Test("!stop without a mention ends a question that is being answered while PostgreSQL is stopped")
    func stopCommand() async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["text": "Counted.", "delay": 600]])
            let settings = "app: {port: 0}\nllm: {provider: anthropic, model: claude-sonnet-5-5}\n"
            let environment = ["ANTHROPIC_API_KEY": ModelDouble.key, "ANTHROPIC_BASE_URL": model.url]
            try await Self.away(settings, mcps: "", environment: environment) { process, cluster in
                let outcome = try await process.run { pid in
                    let root = try process.emulator.say(as: "ana", in: "#ops", "@omni count them")
                    let isBegun = await process.emulator.waitUntil(within: .seconds(60)) { snapshot in
                        snapshot.thread("#ops", root).contains { $0.botID != nil }
                    }
                    try #require(isBegun)
                    try await cluster.stop(.immediate)
                    // A mention without words is answered without a model; to accept it shows that the store is away.
                    try process.emulator.say(as: "ben", in: "#ops", "@omni")
                    let isGreeted = await process.emulator.waitUntil(within: .seconds(60)) { snapshot in
                        !snapshot.ephemerals("ben").isEmpty
                    }
                    try #require(isGreeted)
                    try process.emulator.say(as: "ana", in: "#ops", "!stop", thread: root)
                    await Self.answer(process, root)
                    #expect(process.emulator.threadText("#ops", root).contains(UserMessages.cancelled))
                    try await cluster.start()
                    try await Self.settled(process, 2)
                    kill(pid, SIGTERM)
                }
                #expect(outcome.status == 0, "\(outcome.errors.suffix(3_000))")
                let rows = try await process.withStore { try await $0.recent() }
                #expect(rows.count { $0.errorCode == "cancelled" } == 1)
            }
        }
    }

    @Test("a PostgreSQL that hangs instead of failing delays an acknowledgement by no more than a second")
    func frozen() async throws {
        try await Self.away { process, cluster in
            let outcome = try await process.run { pid in
                try cluster.freeze()
                defer { try? cluster.thaw() }
                // The command waits for its acknowledgement and fails after Slack's deadline of three seconds.
                _ = try await process.emulator.command(as: "ana", in: "#ops", "/omni", "list deploys")
                let parent = await process.emulator.waitFor(within: .seconds(60)) { snapshot in
                    snapshot.messages("#ops").first { $0.botID != nil && $0.threadTS == nil }?.ts
                }
                await Self.answer(process, try #require(parent))
                try cluster.thaw()
                try await Self.settled(process, 1)
                kill(pid, SIGTERM)
            }
            #expect(outcome.status == 0, "\(outcome.errors.suffix(3_000))")
        }
    }

    @Test("with audit.required no user is answered while PostgreSQL is stopped, and every asker is told")
    func required() async throws {
        try await Self.away(Self.offline + "audit: {required: true}\n") { process, cluster in
            let outcome = try await process.run { pid in
                let before = try process.emulator.say(as: "ana", in: "#ops", "@omni list deploys")
                await Self.answer(process, before)
                try await cluster.stop(.immediate)
                _ = try await process.emulator.command(as: "ben", in: "#ops", "/omni", "list deploys")
                let told = await process.emulator.waitFor(within: .seconds(60)) { $0.ephemerals("ben").last }
                #expect(told.map { process.emulator.messageText($0) }?.contains("cannot be reached right now") == true)
                try await cluster.start()
                try await Self.settled(process, 2)
                kill(pid, SIGTERM)
            }
            #expect(outcome.status == 0, "\(outcome.errors.suffix(3_000))")
            let rows = try await process.withStore { try await $0.recent() }
            #expect(rows.count { $0.blockReason == "settings.yaml audit.required" && $0.wasBlocked } == 1)
        }
    }

    @Test("a database that does not exist on the server is an error at once, not an outage")
    func missing() async throws {
        let url = try await PrivatePostgres.database().replacingOccurrences(of: "omni_test_", with: "nowhere_")
        try await BotProcess.open(.postgres, settings: Self.offline, mcps: "", database: url) { process in
            let outcome = try await Program.run(["run"], environment: process.environment)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("does not exist"))
        }
    }
}
