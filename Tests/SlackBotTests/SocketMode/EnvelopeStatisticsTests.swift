import Foundation
import TestKit
import Testing

@testable import SlackBot

@Suite("Envelope statistics")
struct EnvelopeStatisticsTests {
    @Test("before the first event there is no age")
    func nothing() {
        #expect(EnvelopeStatistics().figure(at: .seconds(100)) == EnvelopeStatistics.Figure())
    }

    @Test("all envelopes, those of five minutes, redeliveries and late acknowledgements are counted")
    func counts() {
        var statistics = EnvelopeStatistics()
        statistics.received(isRedelivery: false, at: .seconds(10))
        statistics.received(isRedelivery: true, at: .seconds(12))
        statistics.acknowledged(after: .milliseconds(900))
        statistics.acknowledged(after: .milliseconds(1_100))
        var figure = statistics.figure(at: .seconds(15))
        #expect(figure.total == 2 && figure.recent == 2 && figure.age == .seconds(3))
        #expect(figure.redelivered == 1 && figure.late == 1)
        figure = statistics.figure(at: .seconds(400))
        #expect(figure.total == 2 && figure.recent == 0 && figure.age == .seconds(388))
    }

    @Test("the window of five minutes moves in steps of five seconds, for all times of arrival")
    func slides() {
        var random = SplitMix64(seed: 7)
        var statistics = EnvelopeStatistics()
        var times: [Int] = []
        var now = 0
        for _ in 0..<3_000 {
            now += Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 0..<40, using: &random) : 0
            statistics.received(isRedelivery: false, at: .seconds(now))
            times.append(now)
            let recent = statistics.figure(at: .seconds(now)).recent
            #expect(recent >= times.count { $0 > now - 295 })
            #expect(recent <= times.count { $0 > now - 300 })
        }
    }
}
