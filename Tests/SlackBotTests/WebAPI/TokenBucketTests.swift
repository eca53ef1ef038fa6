import TestKit
import Testing

@testable import SlackBot

@Suite("A token bucket")
struct TokenBucketTests {
    private let start = ContinuousClock.now

    private func bucket() -> TokenBucket { TokenBucket(capacity: 5, interval: .seconds(1), at: start) }

    /// The delays in seconds of `count` calls that are requested at that moment.
    private func waits(_ bucket: inout TokenBucket, _ count: Int, after: Duration = .zero) -> [Double] {
        let now = start + after
        return (0..<count).map { _ in
            let turn = bucket.turn(at: now)
            bucket.take(turn)
            return (turn - now) / .seconds(1)
        }
    }

    @Test("five at once, then one each second")
    func burst() {
        var bucket = bucket()
        #expect(waits(&bucket, 8) == [0, 0, 0, 0, 0, 1, 2, 3])
    }

    @Test("an unused reservation goes to the next caller")
    func givenBack() {
        var bucket = bucket()
        #expect(waits(&bucket, 7) == [0, 0, 0, 0, 0, 1, 2])
        bucket.giveBack()
        #expect(waits(&bucket, 2) == [2, 3])
    }

    @Test("it refills by one call each second, and never above its size")
    func refill() {
        var bucket = bucket()
        _ = waits(&bucket, 5)
        #expect(waits(&bucket, 3, after: .seconds(2)) == [0, 0, 1])
        #expect(waits(&bucket, 7, after: .seconds(600)) == [0, 0, 0, 0, 0, 1, 2])
    }

    @Test("one call each second never waits")
    func steady() {
        var bucket = bucket()
        for second in 0..<100 { #expect(waits(&bucket, 1, after: .seconds(second)) == [0]) }
    }

    @Test("after a pause that Slack asked for it is empty: nothing before the end, then one each second")
    func hold() {
        var bucket = bucket()
        _ = waits(&bucket, 1)
        bucket.hold(until: start + .seconds(10))
        #expect(waits(&bucket, 3) == [10, 11, 12])
        var other = self.bucket()
        other.hold(until: start + .seconds(3))
        #expect(waits(&other, 2, after: .seconds(3)) == [0, 1])
    }

    @Test("a pause never shortens a longer one")
    func longestHold() {
        var bucket = bucket()
        bucket.hold(until: start + .seconds(10))
        bucket.hold(until: start + .seconds(2))
        #expect(bucket.heldUntil == start + .seconds(10))
        #expect(waits(&bucket, 1) == [10])
    }

    @Test("for any sequence of requests, at most five calls are made within one second", arguments: 0..<20)
    func bound(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var bucket = bucket()
        var (now, turns) = (start, [ContinuousClock.Instant]())
        for _ in 0..<200 {
            now += .milliseconds(Int.random(in: 0..<900, using: &random))
            let turn = bucket.turn(at: now)
            bucket.take(turn)
            turns.append(turn)
        }
        for (first, sixth) in zip(turns, turns.dropFirst(5)) {
            #expect(sixth - first >= .seconds(1), "seed \(seed)")
        }
    }
}
