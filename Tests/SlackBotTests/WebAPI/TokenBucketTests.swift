import Testing

@testable import SlackBot

@Suite("A bucket of calls")
struct TokenBucketTests {
    private let start = ContinuousClock.now

    private func bucket() -> TokenBucket { TokenBucket(capacity: 5, interval: .seconds(1), at: start) }

    /// The waits of so many calls that are asked for at that moment, in seconds.
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

    @Test("a turn that nobody used in the end goes to the next caller")
    func givenBack() {
        var bucket = bucket()
        #expect(waits(&bucket, 7) == [0, 0, 0, 0, 0, 1, 2])
        bucket.giveBack()
        #expect(waits(&bucket, 2) == [2, 3])
    }

    @Test("it fills again, one call each second, and never above its size")
    func refill() {
        var bucket = bucket()
        _ = waits(&bucket, 5)
        #expect(waits(&bucket, 3, after: .seconds(2)) == [0, 0, 1])
        #expect(waits(&bucket, 7, after: .seconds(600)) == [0, 0, 0, 0, 0, 1, 2])
    }

    @Test("calls that come once a second never wait")
    func steady() {
        var bucket = bucket()
        for second in 0..<100 { #expect(waits(&bucket, 1, after: .seconds(second)) == [0]) }
    }

    @Test("after Slack asked for a pause it is empty: nothing before its end, and then one each second")
    func hold() {
        var bucket = bucket()
        _ = waits(&bucket, 1)
        bucket.hold(until: start + .seconds(10))
        #expect(waits(&bucket, 3) == [10, 11, 12])
        var other = self.bucket()
        other.hold(until: start + .seconds(3))
        #expect(waits(&other, 2, after: .seconds(3)) == [0, 1])
    }

    @Test("a hold never shortens one that lasts longer")
    func longestHold() {
        var bucket = bucket()
        bucket.hold(until: start + .seconds(10))
        bucket.hold(until: start + .seconds(2))
        #expect(bucket.heldUntil == start + .seconds(10))
        #expect(waits(&bucket, 1) == [10])
    }

    @Test("whatever is asked for when, no six calls are made within one second", arguments: 0..<20)
    func bound(seed: UInt64) {
        var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var bucket = bucket()
        var (now, turns) = (start, [ContinuousClock.Instant]())
        for _ in 0..<200 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            now += .milliseconds(Int(random >> 33) % 900)
            let turn = bucket.turn(at: now)
            bucket.take(turn)
            turns.append(turn)
        }
        for (first, sixth) in zip(turns, turns.dropFirst(5)) {
            #expect(sixth - first >= .seconds(1), "seed \(seed)")
        }
    }
}
