import Analytics
import Bridge
import Foundation
import Logging
import TestKit
import Testing

@testable import SlackBot

@Suite("Whether a message without a mention is for Omni", .timeLimit(.minutes(5)))
struct FollowUpRuleTests {
    private static let answeredAt = Date(timeIntervalSince1970: 1_000)

    private func message(by user: String, after seconds: TimeInterval, mayBeForOmni: Bool = true) -> UnaddressedMessage
    {
        let ts = String(format: "%.6f", 1_000 + seconds)
        let question = SlackQuestion(
            kind: .followUp, originKey: "T:C:\(ts)", team: "T", user: user, channel: "C", channelName: nil,
            text: "and now?", ts: ts, threadTS: "1.000000", responseURL: nil, isExternallyShared: false)
        return UnaddressedMessage(question: question, mayBeForOmni: mayBeForOmni, isTalk: true)
    }

    @Test("a follow-up needs a mode for its author, words, a recent answer, and no other message since")
    func table() {
        for mode in FollowUpRule.Mode.allCases {
            for user in ["ana", "ben"] {
                for mayBe in [true, false] {
                    for (seconds, isInTime) in [
                        (-1.0, false), (0, false), (0.001, true), (1_800, true), (1_801, false),
                    ] {
                        for (heard, isSilent) in [(nil, true), (-5.0, true), (0, true), (0.0005, false), (9, false)]
                            as [(Double?, Bool)]
                        {
                            for isAnswered in [true, false] {
                                let isWanted = mode == .anyone || mode == .asker && user == "ana"
                                let expected = isWanted && mayBe && isInTime && isSilent && isAnswered
                                let last = FollowUpRule.LastAnswer(asker: "ana", at: Self.answeredAt)
                                let found = FollowUpRule(mode: mode).isForOmni(
                                    message(by: user, after: seconds, mayBeForOmni: mayBe),
                                    after: isAnswered ? last : nil,
                                    newestOther: heard.map { Self.answeredAt.addingTimeInterval($0) })
                                #expect(found == expected, "\(mode) \(user) \(mayBe) \(seconds) \(heard ?? .nan)")
                            }
                        }
                    }
                }
            }
        }
    }

    @Test(
        "while PostgreSQL hangs, the look-up of a follow-up is given up instead of delaying other events",
        .timeLimit(.minutes(3)))
    func hungStore() async throws {
        let cluster = try await PrivatePostgres.Cluster.make()
        var configuration = try PostgresConfiguration(url: Secret(try await cluster.database()))
        // With this grace, awaiting the end of the statement would take longer than this test allows.
        configuration.cancelGrace = .seconds(60)
        let store = Store(PostgresDatabase(configuration))
        try await store.migrate()
        let followUpFilter = FollowUpFilter(
            store: store, mode: { .anyone }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try cluster.freeze()
        let start = ContinuousClock.now
        let isForOmni = await followUpFilter.isForOmni(message(by: "ana", after: 5))
        let time = ContinuousClock.now - start
        try cluster.thaw()
        #expect(!isForOmni)
        #expect(time < .seconds(20))
        await store.close()
        try await cluster.stop()
    }

    @Test("the newest message of each thread is known, in any order of arrival")
    func heard() {
        var activity = ThreadActivity()
        #expect(activity.newest(in: "a") == nil)
        activity.note("a", at: Date(timeIntervalSince1970: 5))
        activity.note("a", at: Date(timeIntervalSince1970: 3))
        activity.note("b", at: Date(timeIntervalSince1970: 4))
        #expect(activity.newest(in: "a") == Date(timeIntervalSince1970: 5))
        #expect(activity.newest(in: "b") == Date(timeIntervalSince1970: 4))
        #expect(activity.newest(in: "c") == nil)
    }

    @Test("an evicted thread counts as active at the newest evicted time, and threads that remain are exact")
    func forgotten() throws {
        var activity = ThreadActivity(capacity: 8)
        for second in 1...100 { activity.note("t\(second)", at: Date(timeIntervalSince1970: Double(second))) }
        for second in 97...100 {
            #expect(activity.newest(in: "t\(second)") == Date(timeIntervalSince1970: Double(second)))
        }
        let elsewhere = try #require(activity.newest(in: "nobody spoke here")).timeIntervalSince1970
        for second in 1...96 {
            let newest = try #require(activity.newest(in: "t\(second)")).timeIntervalSince1970
            #expect(newest >= Double(second) && newest >= elsewhere)
        }
        #expect(elsewhere >= 92 && elsewhere < 97)
    }
}
