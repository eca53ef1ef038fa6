import Foundation
import TestKit
import Testing

@testable import SlackBot

@Suite("Gaps without a live connection")
struct GapDetectorTests {
    private func at(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_000 + seconds) }

    @Test("the first live connection begins; while one is live there is no gap")
    func begins() {
        var detector = GapDetector()
        #expect(detector.isLive(0, at: at(0)) == .began)
        #expect(detector.isLive(1, at: at(1)) == nil)
        detector.isLost(0, proven: at(2))
        #expect(detector.isLive(0, at: at(3)) == nil)
        #expect(detector.live == [0, 1])
    }

    @Test("a gap lasts from the last proof of the last connection until the next one is live")
    func gap() {
        var detector = GapDetector()
        _ = detector.isLive(0, at: at(0))
        _ = detector.isLive(1, at: at(0))
        detector.isLost(0, proven: at(5))
        detector.isLost(1, proven: at(8))
        detector.isLost(1, proven: at(9))
        #expect(detector.isLive(1, at: at(20)) == .missed(Gap(since: at(8), until: at(20))))
        #expect(detector.isLive(0, at: at(21)) == nil)
    }

    @Test("a connection lost before the first one was live makes no gap")
    func neverHeard() {
        var detector = GapDetector()
        detector.isLost(0, proven: at(1))
        #expect(detector.wasSilent(since: at(0), at: at(2)) == nil)
        #expect(detector.isLive(0, at: at(3)) == .began)
    }

    @Test("a connection that received nothing is a gap although another one is live")
    func silent() {
        var detector = GapDetector()
        _ = detector.isLive(0, at: at(0))
        _ = detector.isLive(1, at: at(0))
        detector.isLost(0, proven: at(10))
        #expect(detector.wasSilent(since: at(10), at: at(35)) == .missed(Gap(since: at(10), until: at(35))))
    }

    @Test("the silent period of the last connection extends the gap")
    func lastSilent() {
        var detector = GapDetector()
        _ = detector.isLive(0, at: at(0))
        detector.isLost(0, proven: at(30))
        #expect(detector.wasSilent(since: at(10), at: at(35)) == nil)
        #expect(detector.isLive(0, at: at(40)) == .missed(Gap(since: at(10), until: at(40))))
    }

    @Test("gaps join, and none has a negative length")
    func join() {
        let first = Gap(since: at(5), until: at(10))
        #expect(first.joined(with: Gap(since: at(1), until: at(7))) == Gap(since: at(1), until: at(10)))
        #expect(first.length == .seconds(5))
        #expect(Gap(since: at(2), until: at(1)).length == .zero)
    }

    @Test("for any sequence, each period without a connection is in exactly one gap")
    func walk() {
        for seed in 0..<300 {
            var random = SplitMix64(seed: UInt64(seed))
            var detector = GapDetector()
            var live: Set<Int> = []
            var deaf: Double?
            var hasBegun = false
            for step in 0..<80 {
                let now = Double(step)
                let slot = Int.random(in: 0..<3, using: &random)
                if Bool.random(using: &random) {
                    let change = detector.isLive(slot, at: at(now))
                    live.insert(slot)
                    if !hasBegun {
                        #expect(change == .began, "seed \(seed)")
                        hasBegun = true
                    } else if let since = deaf {
                        #expect(change == .missed(Gap(since: at(since), until: at(now))), "seed \(seed)")
                    } else {
                        #expect(change == nil, "seed \(seed)")
                    }
                    deaf = nil
                } else {
                    detector.isLost(slot, proven: at(now))
                    if live.remove(slot) != nil, live.isEmpty { deaf = now }
                }
                #expect(detector.live == live, "seed \(seed)")
            }
        }
    }
}
