import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import Analytics
@testable import SlackBot

@Suite("The scheduled digest", .timeLimit(.minutes(10)))
struct DigestScenarios {
    private static let settings = "app: {port: 0}\nllm: {provider: offline}\n"

    /// slack.yaml with a digest that is due every day at the minute of that time.
    private static func slack(due: Date, channel: String = "#ops") -> String {
        let minute = Timestamp.text(due).dropFirst(11).prefix(5)
        return """
            digest: {enabled: true, channel: "\(channel)", at: "\(minute)", days: [mon, tue, wed, thu, fri, sat, sun]}

            """
    }

    private static func isDigest(_ message: EmulatedMessage) -> Bool {
        message.metadata?["event_type"] == "omni_digest"
    }

    private static func digests(_ emulator: Emulator, _ channel: String = "#ops") -> [EmulatedMessage] {
        emulator.messages(channel).filter(isDigest)
    }

    /// A digest of this minute: a process that starts finds it due.
    private func open(
        _ backend: BotProcess.Backend, _ body: @escaping @Sendable (BotProcess) async throws -> Void
    ) async throws {
        try await BotProcess.open(backend, settings: Self.settings, mcps: "mcps: []\n") { process in
            let file = process.folder.appending(path: "config/slack.yaml")
            try Data(Self.slack(due: Date()).utf8).write(to: file)
            try await body(process)
        }
    }

    private struct Row: Sendable {
        let due: String
        let attempts: Int64
        let isSent: Bool
    }

    private func row(_ process: BotProcess) async throws -> Row? {
        try await process.withStore { store in
            try await store.database.read { connection -> Row? in
                let sql = "SELECT due, attempts, CASE WHEN sent_at IS NULL THEN 0 ELSE 1 END AS is_sent FROM digests"
                return try connection.query(sql, []).first.map {
                    Row(
                        due: $0.text("due") ?? "", attempts: $0.int("attempts") ?? 0,
                        isSent: $0.bool("is_sent") ?? false)
                }
            }
        }
    }

    @Test("two processes send one digest")
    func twoProcesses() async throws {
        try await open(.postgres) { process in
            let running = LockedBox(0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in ["one", "two"] {
                    group.addTask {
                        let outcome = try await process.run(["OMNI_PROCESS": name], connections: 4) { pid in
                            running.update { $0 += 1 }
                            try await eventually("both run", within: .seconds(60)) { running.value == 2 }
                            try await eventually("it is sent", within: .seconds(60)) {
                                try await row(process)?.isSent == true
                            }
                            kill(pid, SIGTERM)
                        }
                        #expect(outcome.status == 0, "\(name): \(outcome.errors.suffix(2_000))")
                    }
                }
                try await group.waitForAll()
            }
            let digests = Self.digests(process.emulator)
            #expect(digests.count == 1)
            #expect(digests.first.map { process.emulator.messageText($0) }?.contains("no questions") == true)
            let stored = try #require(try await row(process))
            #expect(stored.attempts == 1)
            #expect(digests.first?.metadata?["event_payload"]?["key"]?.string == "digest:\(stored.due)")
        }
    }

    /// Kills the process in its first attempt, and runs another one when the claim is old.
    private func interrupt(
        _ process: BotProcess, by fault: APIFault.Kind, when isReached: @escaping @Sendable () async throws -> Bool
    ) async throws {
        process.emulator.inject(APIFault("chat.postMessage", fault))
        let killed = try await process.run { pid in
            try await eventually("the process is where it is killed", within: .seconds(60)) { try await isReached() }
            kill(pid, SIGKILL)
        }
        #expect(killed.status == SIGKILL)
        process.emulator.clearFaults()
        try await process.withStore { store in
            try await store.database.write { connection in
                let old = connection.dialect.now(plus: -180_000)
                try connection.script("UPDATE digests SET claimed_at = \(old)")
            }
        }
        let second = try await process.run { pid in
            try await eventually("it is sent", within: .seconds(60)) { try await row(process)?.isSent == true }
            kill(pid, SIGTERM)
        }
        #expect(second.status == 0, "\(second.errors.suffix(2_000))")
        #expect(try await row(process)?.attempts == 2)
    }

    @Test(
        "a process killed between claim and post leaves the digest to the next", arguments: BotProcess.Backend.allCases)
    func killedBeforePost(_ backend: BotProcess.Backend) async throws {
        try await open(backend) { process in
            try await interrupt(process, by: .hang(.seconds(60))) { try await row(process) != nil }
            #expect(Self.digests(process.emulator).count == 1)
        }
    }

    @Test(
        "a digest whose process was killed before it stored the post is found, and not posted again",
        arguments: BotProcess.Backend.allCases)
    func killedAfterPost(_ backend: BotProcess.Backend) async throws {
        try await open(backend) { process in
            let emulator = process.emulator
            let first = LockedBox<String?>(nil)
            try await interrupt(process, by: .lostReply) {
                first.value = Self.digests(emulator).first?.ts
                return first.value != nil
            }
            #expect(Self.digests(emulator).map(\.ts) == [first.value])
        }
    }

    /// A bot whose digest is due when `now` is set to that time.
    private func inProcess(
        channel: String = "#ops", _ body: @escaping @Sendable (InProcessBot, LockedBox<Date>, Date) async throws -> Void
    ) async throws {
        // A minute that is not yet over, so that the rows of today are before it.
        let due = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 / 60).rounded(.up) * 60)
        let now = LockedBox(due.addingTimeInterval(-30))
        var plan = InProcessBot.Plan()
        plan.slack = Self.slack(due: due, channel: channel)
        plan.reloadInterval = .milliseconds(50)
        plan.digestTiming.interval = .milliseconds(20)
        plan.digestTiming.pause = .milliseconds(200)
        plan.digestTiming.now = { now.value }
        try await InProcessBot.run(plan) { bot in try await body(bot, now, due) }
    }

    private static func answered(_ text: String, at time: Date) -> FinishedQuestion {
        let asker = Principal(
            email: "ana@acme.example", name: "Ana", role: "dba",
            source: RuleSource(file: "users.yaml", line: 3, key: "ana"))
        let question = Question(
            asker: asker, text: text, place: Place(entryPoint: .slack, channel: "C0OPS", channelName: "ops"),
            threadKey: ULID().text, askedAt: time)
        var usage = Usage()
        usage.iterations = 1
        usage.cost = Money(nano: 2_500_000_000)
        usage.priceDate = "2026-11-01"
        usage.model = "claude-sonnet-5-5"
        return FinishedQuestion(
            question, outcome: .answered(Answer(text: "Because.", usage: usage)), finishedAt: time)
    }

    @Test("the digest has the figures of the audit log, and the chart of cost by day in its thread")
    func chart() async throws {
        try await inProcess { bot, now, due in
            try await bot.store.record(
                (1...3).map { Self.answered("why?", at: due.addingTimeInterval(-86_400 * Double($0))) })
            #expect(Self.digests(bot.emulator).isEmpty, "it is not due yet")
            now.value = due
            let found = await bot.emulator.waitFor { $0.messages("#ops").first(where: Self.isDigest) }
            let root = try #require(found)
            let text = bot.emulator.messageText(root)
            #expect(text.contains("$7.50") && text.contains("the last 7 days"), "\(text)")
            let name = DigestKey(due: due).fileName
            let isAttached = await bot.emulator.waitUntil { snapshot in
                snapshot.thread("#ops", root.ts).contains { message in
                    message.files.contains { $0["name"]?.string == name }
                }
            }
            #expect(isAttached)
            try await bot.until("it is noted") { try await bot.store.digestState(due: due) == .over }
        }
    }

    @Test("a channel without the bot is said in the log, and the digest is sent when the channel is corrected")
    func wrongChannel() async throws {
        try await inProcess(channel: "#random") { bot, now, due in
            now.value = due
            let isLookedUp = await bot.emulator.waitUntil { !$0.calls("conversations.list").isEmpty }
            #expect(isLookedUp)
            #expect(try await bot.store.digestState(due: due) == .due, "it costs no attempt")
            let file = bot.folder.appending(path: "config/slack.yaml")
            try Data(Self.slack(due: due).utf8).write(to: file, options: .atomic)
            #expect(await bot.emulator.waitUntil { $0.messages("#ops").contains(where: Self.isDigest) })
            #expect(Self.digests(bot.emulator, "#random").isEmpty)
        }
    }

    @Test("what cannot be sent for six hours is given up, with an entry for administrators")
    func givenUp() async throws {
        try await inProcess(channel: "#nowhere") { bot, now, due in
            now.value = due
            #expect(await bot.emulator.waitUntil { !$0.calls("conversations.list").isEmpty })
            // The look that asked Slack has noted the answer before the next one asks the clock.
            try await bot.until("a second look") { bot.emulator.snapshot.calls("conversations.list").count > 1 }
            now.value = due.addingTimeInterval(6 * 3600 + 1)
            try await bot.until("it is given up") {
                try await bot.store.adminEvents().contains { $0.action == "digest.given_up" }
            }
            let event = try #require(try await bot.store.adminEvents().first { $0.action == "digest.given_up" })
            #expect(event.subject == Timestamp.text(due) && event.detail["reason"] == "channel_not_found")
        }
    }

    @Test("omni digest says when the next one is due, and with --dry-run what it would say")
    func command() async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let folder = temporary.url
        var plan = InProcessBot.Plan()
        plan.slack = "digest: {enabled: true, channel: \"#ops\", period: month}\n"
        try InProcessBot.write(plan, to: folder)
        let config = ["--config", folder.appending(path: "config").path()]
        let environment = ["OMNI_DATA": folder.appending(path: "data").path()]
        let plain = try await Program.run(["digest"] + config, environment: environment)
        #expect(plain.status == 0, "\(plain.errors)")
        #expect(plain.output.contains("#ops") && plain.output.contains("09:00"))
        let dry = try await Program.run(["digest", "--dry-run"] + config, environment: environment)
        #expect(dry.status == 0, "\(dry.errors)")
        #expect(dry.output.hasPrefix("**Digest of this month** (") && dry.output.hasSuffix(": no questions.\n"))
    }
}
