/// Counts of durations in buckets whose bounds grow by about 5 %. Histograms of different days, keys and processes can
/// be added, and their percentiles are off by at most 2.5 %.
///
/// Bounds and values are whole milliseconds: a bucket from `low` has the value `low + low / 40` (2.5 % above `low`) and
/// ends at 40/39 of that (2.5 % below the end). So up to 38 ms each millisecond has a bucket of its own.
package struct LatencyHistogram: Sendable, Hashable {
    /// The number of durations by bucket; no zeros.
    package private(set) var counts: [Int: Int64] = [:]

    private struct Bucket: Sendable {
        let low: Int64
        let value: Int64
    }

    /// Up to 2^45 ms, which is over a thousand years; the last bucket has no end.
    private static let buckets: [Bucket] = {
        var buckets = [Bucket(low: 0, value: 0)]
        var low: Int64 = 1
        while low < 1 << 45 {
            let value = low + low / 40
            buckets.append(Bucket(low: low, value: value))
            low = value * 40 / 39 + 1
        }
        return buckets
    }()

    package init() {}

    /// The bucket of a duration: 0 for 0 ms and for negative ones.
    package static func bucket(ofMilliseconds milliseconds: Int) -> Int {
        var (first, end) = (0, buckets.count)
        while end - first > 1 {
            let middle = (first + end) / 2
            if buckets[middle].low <= Int64(milliseconds) { first = middle } else { end = middle }
        }
        return first
    }

    /// The duration that stands for a bucket, within 2.5 % of each duration in it.
    package static func milliseconds(of bucket: Int) -> Int {
        Int(buckets[min(max(0, bucket), buckets.count - 1)].value)
    }

    /// The number of durations.
    package var count: Int64 { counts.values.reduce(0, +) }

    /// Adds one duration.
    package mutating func add(milliseconds: Int) { add(1, to: Self.bucket(ofMilliseconds: milliseconds)) }

    /// Adds that many durations of one bucket.
    package mutating func add(_ count: Int64, to bucket: Int) {
        guard count != 0 else { return }
        counts[bucket, default: 0] += count
    }

    package static func += (left: inout LatencyHistogram, right: LatencyHistogram) {
        for (bucket, count) in right.counts { left.add(count, to: bucket) }
    }

    /// The smallest duration that at least this part of all durations does not exceed, in milliseconds; nil without
    /// durations.
    ///
    /// - Parameter part: from 0 to 1; 0.95 for the 95th percentile.
    package func percentile(_ part: Double) -> Int? {
        let total = count
        guard total > 0 else { return nil }
        let rank = max(1, Int64((min(max(part, 0), 1) * Double(total)).rounded(.up)))
        var passed: Int64 = 0
        for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
            passed += count
            if passed >= rank { return Self.milliseconds(of: bucket) }
        }
        return nil
    }
}
