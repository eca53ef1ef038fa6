import Bridge
import Foundation
import Logging
import SlackEmulator
import TestKit
import Testing
import WebSockets

@testable import Analytics
@testable import SlackBot

@Suite("Backfill of what is posted while no connection is live", .timeLimit(.minutes(10)))
struct BackfillScenarios {
    /// Slack's redeliveries are off, so that only backfill finds a question.
    private var plan: InProcessBot.Plan {
        var plan = InProcessBot.Plan()
        plan.settings += "shutdown: {drain_seconds: 1}\n"
        plan.emulator.timeouts.redeliveries = []
        return plan
    }

    /// Closes the connections and refuses new ones until ``reconnect(_:)``.
    private func cut(_ bot: InProcessBot) async throws {
        bot.emulator.refuseUpgrades(status: 503, times: 1_000)
        await bot.emulator.inflict(.drop)
        try await bot.health { $0.live.isEmpty }
        try #require(await bot.emulator.waitUntil(within: .seconds(60)) { $0.connections.open == 0 })
    }

    private func reconnect(_ bot: InProcessBot) { bot.emulator.refuseUpgrades(status: 503, times: 0) }

    @Test("connections are refused for a while: mentions and direct messages of that time are answered once, no others")
    func refused() async throws {
        try await InProcessBot.run(plan) { bot in
            let emulator = bot.emulator
            let engaged = try emulator.say(as: "ana", in: "#ops", "@omni are you there?")
            _ = try await bot.answer(in: "#ops", engaged)
            try await cut(bot)
            let mention = try emulator.say(as: "ana", in: "#ops", "@omni what is slow?")
            let inThread = try emulator.say(as: "ben", in: "#ops", "@omni and since when?", thread: engaged)
            let ordinary = try emulator.say(as: "ana", in: "#ops", "I will look at it myself")
            let inNewThread = try emulator.say(as: "ben", in: "#ops", "or let @omni do it", thread: ordinary)
            let direct = try emulator.say(as: "ben", in: "@ben", "what is slow?")
            reconnect(bot)
            #expect(try await bot.answer(in: "#ops", mention).isEmpty == false)
            #expect(try await bot.answer(in: "@ben", direct).isEmpty == false)
            #expect(try await bot.answer(in: "#ops", ordinary).isEmpty == false)
            let both = await emulator.waitUntil(within: .seconds(60)) { _ in
                bot.answers("#ops", engaged).count == 2
            }
            #expect(both, "\(emulator.threadText("#ops", engaged))")
            // Omni's one final message under the ordinary message is the answer to the mention in its thread.
            #expect(bot.answers("#ops", ordinary).count == 1)
            let rows = try await bot.audit()
            #expect(rows.count == 5)
            #expect(Set(rows.compactMap(\.slackMessageTS)) == [engaged, mention, inThread, inNewThread, direct])
        }
    }

    @Test("a redelivered question that another process answers, and that is not in the store, is left to that process")
    func redelivered() async throws {
        try await InProcessBot.run(plan) { bot in
            let emulator = bot.emulator
            func deliverAgain(_ ts: String, attempt: Int = 1) async throws {
                let frame: JSONValue = [
                    "envelope_id": .string("\(ULID())"), "type": "events_api",
                    "retry_attempt": .int(Int64(attempt)),
                    "payload": [
                        "type": "event_callback", "team_id": "T0ACME",
                        "event": [
                            "type": "app_mention", "user": "U0ANA", "channel": "C0OPS", "ts": .string(ts),
                            "text": "<@U0OMNI> what is slow?",
                        ],
                    ],
                ]
                _ = try await bot.omni.listeners.receive(try #require(Envelope(frame)))
            }
            // No mentions, so that only the redelivery carries a question.
            let elsewhere = try emulator.say(as: "ana", in: "#ops", "what is slow?")
            let lost = try emulator.say(as: "ana", in: "#ops", "and now?")
            let micros = try #require(UInt64(elsewhere.replacing(".", with: "")))
            let post = PostRow(
                question: ULID(microseconds: micros), part: 0, kind: .progress, channel: "C0OPS", threadTS: elsewhere)
            _ = try await bot.omni.acceptor.otherProcess.api.post(
                SlackMessage(text: ":hourglass_flowing_sand: Another process is at it"), in: "C0OPS",
                thread: elsewhere, metadata: MessageKey(post).metadata)
            try await deliverAgain(elsewhere)
            try await deliverAgain(lost)
            _ = try await bot.answer(in: "#ops", lost)
            #expect(try await bot.audit().map(\.slackMessageTS) == [lost])
            #expect(bot.answers("#ops", elsewhere).isEmpty)

            // Slack returns no thread: the second delivery is not acknowledged, so that there is a third one.
            let unread = try emulator.say(as: "ana", in: "#ops", "and this?")
            emulator.inject(APIFault("conversations.replies", .status(429, retryAfter: 30)))
            await #expect(throws: SlackError.self) { try await deliverAgain(unread) }
            #expect(bot.answers("#ops", unread).isEmpty)
            try await deliverAgain(unread, attempt: 2)
            _ = try await bot.answer(in: "#ops", unread)
            #expect(try await bot.audit().count == 2)
        }
    }

    @Test("Omni is stopped, users write, it starts again: answered once, also when Slack redelivers")
    func restarted() async throws {
        var plan = plan
        // The first redelivery comes after backfill has read the gap; they are so many that one reaches a connection
        // however long the start takes.
        plan.emulator.timeouts.redeliveries = [.seconds(10)] + Array(repeating: .seconds(2), count: 20)
        try await RestartableBot.open(plan) { restartable in
            let emulator = restartable.emulator
            try await restartable.run { bot in
                let first = try emulator.say(as: "ana", in: "#ops", "@omni are you there?")
                _ = try await bot.answer(in: "#ops", first)
            }
            let mention = try emulator.say(as: "ana", in: "#ops", "@omni what is slow?")
            let direct = try emulator.say(as: "ben", in: "@ben", "what is slow?")
            try await restartable.run { bot in
                _ = try await bot.answer(in: "#ops", mention)
                _ = try await bot.answer(in: "@ben", direct)
                let isRedelivered = await emulator.waitUntil(within: .seconds(60)) { snapshot in
                    snapshot.traffic.filter {
                        $0.kind == .sent && $0.name == "events_api"
                            && ($0.detail["frame"]?["retry_attempt"]?.int ?? 0) > 0
                    }.count >= 2
                }
                #expect(isRedelivered)
                try await bot.health { $0.events.redelivered >= 2 }
                #expect(bot.omni.backfill.tally == Backfill.Tally(looks: 1, gaps: 1, questions: 2))
                #expect(try await bot.audit().count == 3)
                #expect(bot.answers("#ops", mention).count == 1)
                #expect(bot.answers("@ben", direct).count == 1)
            }
        }
    }

    @Test("sixty people ask while Slack cannot be reached: all are answered, in rounds, and nobody is told of any left")
    func many() async throws {
        var plan = plan
        plan.slack = "channels: {admin_alerts: {enabled: true, channel: \"#general\"}}\n"
        try await InProcessBot.run(plan) { bot in
            let emulator = bot.emulator
            let first = try emulator.say(as: "ana", in: "#ops", "@omni are you there?")
            _ = try await bot.answer(in: "#ops", first)
            try await cut(bot)
            // Slack accepts one message a second in a channel: ten answers in each of six places take about ten
            // seconds.
            let places = [
                ("ana", "#ops", "C0OPS"), ("ana", "@ana", "D0ANA"), ("ben", "@ben", "D0BEN"),
                ("cleo", "@cleo", "D0CLEO"), ("nils", "@nils", "D0NEW"), ("cleo", "#ops", "C0OPS"),
            ]
            let asked = try (0..<60).map { number in
                let (person, place, channel) = places[number % places.count]
                let ts = try emulator.say(as: person, in: place, "@omni question \(number)?")
                return (place: place, ts: ts, key: "T0ACME:\(channel):\(ts)")
            }
            reconnect(bot)
            for (place, ts, _) in asked { _ = try await bot.answer(in: place, ts, within: .seconds(120)) }
            let known = try await bot.store.knownOriginKeys(among: asked.map(\.key))
            #expect(known == Set(asked.map(\.key)))
            for (place, ts, _) in asked { #expect(bot.answers(place, ts).count == 1) }
            try await bot.until("the back-fill has ended") { bot.omni.backfill.tally.gaps == 1 }
            #expect(bot.omni.backfill.tally.questions == 60)
            #expect(emulator.messages("#general").isEmpty)
        }
    }

    @Test("a question that a back-fill reaches too late is not answered; its thread and the administrators are told")
    func tooLate() async throws {
        var plan = plan
        plan.slack = "channels: {admin_alerts: {enabled: true, channel: \"#general\"}}\n"
        try await InProcessBot.run(plan) { bot in
            let emulator = bot.emulator
            let root = try emulator.say(as: "ana", in: "#ops", "what is slow?")
            let message: JSONValue = [
                "type": "message", "user": "U0ANA", "ts": .string(root), "text": "<@U0OMNI> what is slow?",
            ]
            let bot0 = try await bot.omni.backfill.installation.identity()
            let place = BackfillTarget(channel: "C0OPS", isDirect: false)
            var question = try #require(place.question(message, bot: bot0))
            let limits = BackfillLimits()
            let sentAt = try #require(question.sentAt)
            #expect(!limits.isTooLate(question, now: sentAt.addingTimeInterval(15 * 60)))
            #expect(limits.isTooLate(question, now: sentAt.addingTimeInterval(16 * 60)))
            question.isTooLate = true
            #expect(try await bot.omni.acceptor.accept(question))
            #expect(try await bot.answer(in: "#ops", root).contains("Please ask again"))
            #expect(try await bot.audit().first?.blockReason == "built-in back-fill")
            let text = UserMessages.leftUnanswered(5, unread: 1, answered: 175, gap: .seconds(18))
            #expect(text.contains("5 questions") && text.contains("1 conversation") && text.contains("175 questions"))
        }
    }

    @Test("when the store fails in the middle of a gap, every question of it is accepted all the same, once")
    func brokenPass() async throws {
        try await InProcessBot.run(plan) { bot in
            let emulator = bot.emulator
            try await cut(bot)
            let people = [("ana", "D0ANA"), ("ben", "D0BEN"), ("cleo", "D0CLEO"), ("nils", "D0NEW")]
            let keys = try (0..<60).map { number in
                let (person, channel) = people[number % people.count]
                let ts = try emulator.say(as: person, in: "@\(person)", "question \(number)?")
                return "T0ACME:\(channel):\(ts)"
            }
            try await bot.store.database.write { connection in
                try connection.script(
                    """
                    CREATE TRIGGER refuse BEFORE INSERT ON questions WHEN NEW.text = 'question 30?'
                    BEGIN SELECT RAISE(ABORT, 'refused by the test'); END
                    """)
            }
            reconnect(bot)
            try await bot.until("the first pass has broken off") {
                try await bot.store.knownOriginKeys(among: keys).count >= 30
            }
            try await bot.store.database.write { try $0.script("DROP TRIGGER refuse") }
            try await bot.until("all questions are accepted") {
                try await bot.store.knownOriginKeys(among: keys) == Set(keys)
            }
            try await bot.until("the back-fill has ended") { bot.omni.backfill.tally.gaps == 1 }
            #expect(bot.omni.backfill.tally.questions == 60)
        }
    }

    @Test("without im:read, and when Slack answers 429, backfill reads what it can")
    func narrowed() async throws {
        var plan = plan
        plan.emulator.scopes.remove("im:read")
        try await InProcessBot.run(plan) { bot in
            let emulator = bot.emulator
            for place in ["#ops", "@ben"] {
                let root = try emulator.say(as: "ben", in: place, "@omni are you there?")
                _ = try await bot.answer(in: place, root)
            }
            try await cut(bot)
            let mention = try emulator.say(as: "ana", in: "#ops", "@omni what is slow?")
            let direct = try emulator.say(as: "ben", in: "@ben", "what is slow?")
            emulator.inject(APIFault("conversations.history", .status(429, retryAfter: 1), times: 2))
            emulator.inject(APIFault("conversations.replies", .lostReply))
            reconnect(bot)
            _ = try await bot.answer(in: "#ops", mention)
            _ = try await bot.answer(in: "@ben", direct)
            #expect(try await bot.audit().count == 4)
        }
    }

    @Test("of two processes the one that restarts reads nothing back, because the other was connected")
    func twoProcesses() async throws {
        var plan = plan
        plan.environment["DATABASE_URL"] = try await PrivatePostgres.database()
        var intervals = ConnectionScaler.Intervals()
        intervals.poll = .milliseconds(100)
        try await RestartableBot.open(plan) { [intervals] restartable in
            let emulator = restartable.emulator
            try await restartable.run("one", intervals: intervals) { first in
                try await restartable.run("two", connections: 4, intervals: intervals) { _ in
                    let both = try await first.health { $0.wantedTotal == 4 }
                    #expect(both.wanted == 2)
                }
                // A process that stops in order removes its row at once.
                try await first.health { $0.wantedTotal == 2 }
                #expect(try await first.store.liveProcesses().map(\.name) == ["one"])
                let asked = try emulator.say(as: "ana", in: "#ops", "@omni who hears this?")
                _ = try await first.answer(in: "#ops", asked)
                try await restartable.run("two", connections: 4, intervals: intervals) { second in
                    // The gap is looked for once the other process has renewed its row, which takes a second or two.
                    try await second.until("it has looked for a gap") { second.omni.backfill.tally.looks == 1 }
                    #expect(second.omni.backfill.tally.gaps == 0)
                    #expect(emulator.snapshot.calls("conversations.history").isEmpty)
                }
            }
        }
    }

    @Test("with more than four processes each holds one connection, and two again when some have stopped")
    func manyProcesses() async throws {
        var intervals = ConnectionScaler.Intervals()
        intervals.poll = .milliseconds(100)
        // The other processes renew their rows only once, when they are registered.
        intervals.window = .seconds(300)
        try await RestartableBot.open(plan) { [intervals] restartable in
            try await restartable.run(intervals: intervals) { bot in
                let others = (0..<4).map { ProcessRow(name: "other-\($0)", host: "localhost", pid: 1) }
                for other in others { try await bot.store.register(other) }
                let few = try await bot.health { $0.wanted == 1 && $0.live.count == 1 }
                #expect(few.wantedTotal == 5)
                #expect(await bot.emulator.waitUntil(within: .seconds(60)) { $0.connections.open == 1 })
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni do you hear on one?")
                _ = try await bot.answer(in: "#ops", root)
                for other in others { try await bot.store.remove(other) }
                try await bot.health { $0.wanted == 2 && $0.live.count == 2 }
                #expect(try await bot.audit().count == 1)
            }
        }
    }

    @Test("a stalled connection is noticed, and what is asked meanwhile and afterwards is answered once")
    func stalled() async throws {
        var plan = plan
        plan.emulator.timeouts.acknowledgement = .milliseconds(500)
        let pingPolicy = PingPolicy(pingEvery: .milliseconds(200), deadAfter: .seconds(2))
        try await RestartableBot.open(plan) { restartable in
            let emulator = restartable.emulator
            try await restartable.run(pingPolicy: pingPolicy) { bot in
                #expect(await emulator.inflict(.stall, on: .one) == 1)
                let roots = try (0..<6).map { try emulator.say(as: "ana", in: "@ana", "question \($0)?") }
                for root in roots { _ = try await bot.answer(in: "@ana", root) }
                let silent = await emulator.waitUntil(within: .seconds(60)) { snapshot in
                    snapshot.traffic.contains { $0.kind == .closed } && snapshot.connections.live == 2
                }
                #expect(silent)
                let after = try emulator.say(as: "ana", in: "@ana", "and now?")
                _ = try await bot.answer(in: "@ana", after)
                for root in roots + [after] { #expect(bot.answers("@ana", root).count == 1) }
                #expect(try await bot.audit().count == 7)
            }
        }
    }

    @Test("connections of another program with the same token are reported as unknown until they close")
    func unknownConnections() async throws {
        var intervals = ConnectionScaler.Intervals()
        intervals.poll = .milliseconds(50)
        // Each count renews a connection and leaves the old one open for half a minute; Slack allows ten
        // connections.
        intervals.unknownConnections = UnknownConnectionDetector(gracePeriod: .milliseconds(300), pause: .seconds(3))
        try await RestartableBot.open(plan) { [intervals] restartable in
            let stranger = try await ForeignConnection.connect(to: restartable.emulator, connections: 3)
            try await restartable.run(connections: 5, intervals: intervals) { bot in
                let haunted = try await bot.health { $0.unknownConnections == 3 }
                #expect(await bot.omni.health.report().state == .degraded)
                let lines = UserMessages.socketMode(haunted, uptime: .seconds(60))
                #expect(lines.contains { $0.contains("where 2 are wanted") })
                await stranger.leave()
                try await bot.health { $0.unknownConnections == 0 }
                let root = try restartable.emulator.say(as: "ana", in: "@ana", "all well?")
                _ = try await bot.answer(in: "@ana", root)
            }
        }
    }
}

/// Another program with the app's token: it connects and acknowledges nothing.
private struct ForeignConnection: Sendable {
    let loop: WebSocketEventLoop
    let sockets: [WebSocket]

    static func connect(to emulator: Emulator, connections: Int) async throws -> ForeignConnection {
        let logger = Logger(label: "stranger")
        let http = HTTPClient(logger: logger)
        let loop = try WebSocketEventLoop(logger: logger)
        var sockets: [WebSocket] = []
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await http.run() }
            let api = SlackAPI(
                baseURL: emulator.apiURL, botToken: Secret(emulator.options.botToken),
                appToken: Secret(emulator.options.appToken), http: http, logger: logger)
            for _ in 0..<connections {
                let url = try await api.openConnection()
                sockets.append(try await loop.connect(WebSocketRequest(url: url.revealed)))
            }
            await http.shutdown()
            group.cancelAll()
        }
        try #require(await emulator.waitUntil(within: .seconds(60)) { $0.connections.live >= connections })
        return ForeignConnection(loop: loop, sockets: sockets)
    }

    func leave() async { await loop.shutdown() }
}
