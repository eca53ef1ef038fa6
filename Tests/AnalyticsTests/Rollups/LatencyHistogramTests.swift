import Testing

@testable import Analytics

@Suite("Percentiles of durations")
struct LatencyHistogramTests {
    @Test("the buckets cover all durations without gaps, each value within 2.5 % of the durations of its bucket")
    func buckets() {
        #expect(LatencyHistogram.bucket(ofMilliseconds: 0) == 0)
        #expect(LatencyHistogram.bucket(ofMilliseconds: -1) == 0)
        #expect(LatencyHistogram.milliseconds(of: 0) == 0)
        var (last, gaps, errors) = (0, [Int](), [Int]())
        for duration in 1...200_000 {
            let bucket = LatencyHistogram.bucket(ofMilliseconds: duration)
            if bucket != last, bucket != last + 1 { gaps.append(duration) }
            let value = LatencyHistogram.milliseconds(of: bucket)
            if Double(abs(value - duration)) > 0.025 * Double(duration) { errors.append(duration) }
            last = bucket
        }
        #expect(gaps == [] && errors == [])
    }

    @Test("a duration beyond all bounds is in the last bucket")
    func beyond() {
        let bucket = LatencyHistogram.bucket(ofMilliseconds: .max)
        #expect(bucket == LatencyHistogram.bucket(ofMilliseconds: 1 << 60))
        #expect(LatencyHistogram.milliseconds(of: bucket) == LatencyHistogram.milliseconds(of: .max))
    }

    @Test("percentiles of several distributions are within 2.5 % of the exact ones", arguments: 1...8)
    func percentiles(_ seed: Int) {
        var random = RollupRandom(state: UInt64(seed))
        let count = Int.random(in: 1...5000, using: &random)
        let longest = [30, 900, 60_000, 4_000_000].randomElement(using: &random) ?? 30
        // Squares of uniform numbers: many short durations and few long ones.
        let durations = (0..<count).map { _ in
            let part = Double.random(in: 0...1, using: &random)
            return Int(part * part * Double(longest))
        }.sorted()
        var (whole, first, second) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for (index, duration) in durations.enumerated() {
            whole.add(milliseconds: duration)
            if index.isMultiple(of: 3) { first.add(milliseconds: duration) } else { second.add(milliseconds: duration) }
        }
        first += second
        #expect(first == whole && whole.count == Int64(count))
        for part in [0, 0.01, 0.5, 0.9, 0.95, 0.99, 1] {
            let rank = max(1, Int((part * Double(count)).rounded(.up)))
            let exact = durations[rank - 1]
            let found = whole.percentile(part) ?? -1
            #expect(abs(Double(found - exact)) <= 0.025 * Double(exact), "\(part): \(found) for \(exact)")
        }
    }

    @Test("without durations there is no percentile")
    func empty() {
        #expect(LatencyHistogram().percentile(0.5) == nil)
    }
}
