import Analytics
import Bridge
import Foundation
import TestKit
import Testing

@testable import SlackBot

@Suite("What backfill reads after a gap")
struct BackfillScopeTests {
    private let bot = BotIdentity(teamID: "T1", team: "Acme", userID: "UBOT", url: "")
    private let now = Date(timeIntervalSince1970: 1_795_341_600)

    private func message(_ text: String, _ more: JSONObject = [:]) -> JSONValue {
        var message: JSONObject = ["type": "message", "user": "U1", "text": .string(text), "ts": "1795341590.000100"]
        message.merge(more) { $1 }
        return .object(message)
    }

    @Test("reading begins a little before the gap, and never before the limit")
    func oldest() {
        let limits = BackfillLimits()
        let short = Gap(since: now.addingTimeInterval(-60), until: now)
        #expect(limits.oldest(of: short, now: now) == now.addingTimeInterval(-90))
        let long = Gap(since: now.addingTimeInterval(-86_400), until: now)
        #expect(limits.oldest(of: long, now: now) == now.addingTimeInterval(-900))
        #expect(BackfillLimits.ts(now.addingTimeInterval(0.000_1)) == "1795341600.000100")
        #expect(BackfillLimits.ts(Date(timeIntervalSince1970: -5)) == "0.000000")
    }

    @Test("targets: each channel and thread once, the most recent first, then direct messages unknown to the store")
    func places() {
        let activeThreads = [
            ("C1", "T1:C1:10.1", false), ("C1", "T1:C1:9.1", false), ("D1", "T1:D1:8.1", true),
            ("C2", "T1:C2:command:1.2.x", false), ("C1", "T1:C1:10.1", false),
        ].map { ActiveThread(channel: $0.0, threadKey: $0.1, isDirect: $0.2) }
        let places = BackfillTarget.all(activeThreads, directs: ["D1", "D2"])
        #expect(
            places == [
                BackfillTarget(channel: "C1", isDirect: false),
                BackfillTarget(channel: "C1", thread: "10.1", isDirect: false),
                BackfillTarget(channel: "C1", thread: "9.1", isDirect: false),
                BackfillTarget(channel: "D1", isDirect: true),
                BackfillTarget(channel: "D1", thread: "8.1", isDirect: true),
                BackfillTarget(channel: "C2", isDirect: false), BackfillTarget(channel: "D2", isDirect: true),
            ])
    }

    @Test("threads with a reply in the gap are read too")
    func threads() {
        let place = BackfillTarget(channel: "C1", isDirect: false)
        let messages: [JSONValue] = [
            message("a", ["latest_reply": "200.000001"]), message("b", ["latest_reply": "100.000000"]), message("c"),
            .null,
        ]
        #expect(
            place.threads(in: messages, after: "150.000000")
                == [BackfillTarget(channel: "C1", thread: "1795341590.000100", isDirect: false)])
        var thread = place
        thread.thread = "1.1"
        #expect(thread.threads(in: messages, after: "150.000000").isEmpty)
    }

    @Test("a mention in a history becomes the question that its event would have been")
    func mention() throws {
        let place = BackfillTarget(channel: "C1", isDirect: false)
        let text = message("<@UBOT> why?", ["thread_ts": "1795341000.000100"])
        let found = try #require(place.question(text, bot: bot))
        var event = try #require(text.object)
        event["type"] = "app_mention"
        event["channel"] = "C1"
        let payload: JSONValue = ["team_id": "T1", "event": .object(event)]
        guard case .question(let heard) = DecodedMessage(payload, bot: bot) else {
            Issue.record("the event is no question")
            return
        }
        #expect(found == heard)
        #expect(found.originKey == "T1:C1:1795341590.000100")
    }

    @Test("a direct message becomes a question without a mention")
    func direct() {
        let place = BackfillTarget(channel: "D1", isDirect: true)
        #expect(place.question(message("why?"), bot: bot)?.kind == .direct)
        #expect(place.question(message("why?", ["subtype": "file_share"]), bot: bot)?.kind == .direct)
    }

    @Test("a message whose event would have asked nothing becomes no question")
    func nothing() {
        let channel = BackfillTarget(channel: "C1", isDirect: false)
        let direct = BackfillTarget(channel: "D1", isDirect: true)
        #expect(channel.question(message("an ordinary word"), bot: bot) == nil)
        #expect(channel.question(message("<@UBOTTOM> hi"), bot: bot) == nil)
        #expect(channel.question(message("<@UBOT> hi", ["subtype": "channel_topic"]), bot: bot) == nil)
        #expect(channel.question(message("<@UBOT> hi", ["bot_id": "B2"]), bot: bot) == nil)
        #expect(direct.question(message("hi", ["user": "UBOT"]), bot: bot) == nil)
        #expect(direct.question(message("hi", ["user": .null]), bot: bot) == nil)
        for odd: JSONValue in [.null, [], "text", ["text": 5], [:]] {
            #expect(channel.question(odd, bot: bot) == nil)
            #expect(direct.question(odd, bot: bot) == nil)
        }
        #expect(channel.question(message("<@UBOT|omni> hi"), bot: bot) != nil)
    }

    @Test("the oldest questions come first, each once; known and too old ones are left out")
    func fresh() throws {
        let place = BackfillTarget(channel: "D1", isDirect: true)
        var found = BackfillCandidates()
        for number in [5, 3, 9, 3, 1] {
            let text = message("\(number)", ["ts": .string("179534160\(number).000000")])
            found.add(try #require(place.question(text, bot: bot)), notBefore: now.addingTimeInterval(2))
        }
        #expect(Set(found.keys) == Set([3, 5, 9].map { "T1:D1:179534160\($0).000000" }))
        #expect(found.fresh(known: ["T1:D1:1795341603.000000"]).map(\.text) == ["5", "9"])
        #expect(found.fresh(known: []).map(\.text) == ["3", "5", "9"])
        // Another process accepted it while the store was unavailable, and its reply in the thread has the question's
        // key.
        found.add(answered: ULID(microseconds: 1_795_341_603_000_000))
        #expect(found.fresh(known: []).map(\.text) == ["5", "9"])
    }

    @Test("messages a microsecond apart keep Slack's order")
    func microseconds() throws {
        let place = BackfillTarget(channel: "D1", isDirect: true)
        var found = BackfillCandidates()
        let seed = SplitMix64.seed()
        var random = SplitMix64(seed: seed)
        for number in (0..<60).shuffled(using: &random) {
            let ts = "1795341600.0000" + (number < 10 ? "0\(number)" : "\(number)")
            found.add(try #require(place.question(message("\(number)", ["ts": .string(ts)]), bot: bot)), notBefore: now)
        }
        let texts = found.fresh(known: []).map(\.text)
        #expect(texts == (0..<60).map { "\($0)" }, "seed \(seed)")
    }
}
