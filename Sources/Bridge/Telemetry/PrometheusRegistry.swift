package import CoreMetrics
package import Logging
import NIOConcurrencyHelpers

/// Metrics backend of swift-metrics: stores the metrics of the process and renders them in Prometheus' text format
/// 0.0.4.
///
/// Names of counters end in `_total`. Timers are histograms in seconds; recorders are histograms in their own unit, or
/// gauges when they do not aggregate. Labels are from closed sets only (server, tool, model, outcome), never a user, a
/// channel or text. MCP servers name their tools, and a reload may add servers, so the number of series is bounded too.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    fileprivate struct Key: Hashable {
        let name: String
        let labels: String
    }

    private struct State {
        var series: [Key: PrometheusSeries] = [:]
        var isFull = false
    }

    private let state = NIOLockedValueBox(State())
    private let limit: Int
    private let logger: Logger

    /// - Parameter limit: the most series. When they are reached, a new series with labels is counted under the value
    ///   `other` for each of its labels; a series without labels is always added.
    package init(limit: Int = 10_000, logger: Logger = Logger(label: "omni.metrics")) {
        self.limit = limit
        self.logger = logger
    }

    /// All metrics, sorted by name, ready for `GET /metrics`.
    package func text() -> String {
        let all = state.withLockedValue { Array($0.series) }.sorted {
            ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels)
        }
        var lines: [String] = []
        var last = ""
        for (key, series) in all {
            if key.name != last { lines.append("# TYPE \(key.name) \(series.kind.rawValue)") }
            last = key.name
            lines += series.lines(name: key.name, labels: key.labels)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func find(_ label: String, _ dimensions: [(String, String)], _ kind: PrometheusSeries.Kind)
        -> PrometheusSeries
    {
        var key = Key(name: Self.name(label), labels: Self.labels(dimensions))
        let (series, isFirst) = state.withLockedValue { state -> (PrometheusSeries, Bool) in
            if let found = state.series[key] { return (found, false) }
            let isFirst = !state.isFull
            // The number of series without labels is bounded by the names in the source.
            let isFull = state.series.count >= limit && !dimensions.isEmpty
            if isFull {
                state.isFull = true
                key = Key(name: key.name, labels: Self.labels(dimensions.map { ($0.0, "other") }))
            }
            let series = state.series[key] ?? PrometheusSeries(kind)
            state.series[key] = series
            return (series, isFull && isFirst)
        }
        if isFirst {
            logger.warning(
                "There are too many series of metrics; further labels are counted as \"other\".",
                metadata: ["limit": "\(limit)", "metric": "\(label)"])
        }
        return series
    }

    private static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { "\(name($0))=\"\(escape($1))\"" }.joined(separator: ",")
    }

    /// A name that metrics and labels may both have, `[a-zA-Z_][a-zA-Z0-9_]*`; other characters become `_`.
    private static func name(_ label: String) -> String {
        let name = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
        return name.first.map { $0.isNumber } ?? true ? "_\(name)" : name
    }

    // By Unicode scalars: CR LF is one `Character` in Swift, so its line feed would not be escaped.
    private static func escape(_ value: String) -> String {
        let special = [UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "\n")]
        guard value.utf8.contains(where: { special.contains($0) }) else { return value }
        var escaped = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\", "\"": escaped.append(contentsOf: ["\\", scalar])
            case "\n": escaped.append(contentsOf: ["\\", "n"])
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(label, dimensions, .counter)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        find(label, dimensions, .counter)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        find(label, dimensions, .gauge)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        find(label, dimensions, aggregate ? .histogram : .gauge)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        find(label, dimensions, .histogram)
    }

    // Series are never removed: `limit` bounds their number, and a counter must not restart at 0.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

/// One metric with one set of labels; the handler for every kind of metric.
private final class PrometheusSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
    TimerHandler, Sendable
{
    /// Prometheus' metric type; the raw value is its name in the text format.
    enum Kind: String, Sendable { case counter, gauge, histogram }

    private struct State {
        var value = 0.0
        var buckets = [Int](repeating: 0, count: PrometheusSeries.bounds.count)
        var count = 0
    }

    /// Upper bounds of the histogram's buckets, in seconds for timers.
    fileprivate static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

    let kind: Kind
    private let state = NIOLockedValueBox(State())

    init(_ kind: Kind) { self.kind = kind }

    /// The lines of this series in Prometheus' text format. `labels` is rendered already, without braces.
    func lines(name: String, labels: String) -> [String] {
        let state = state.withLockedValue { $0 }
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        guard kind == .histogram else { return ["\(name)\(braces) \(number(state.value))"] }
        let comma = labels.isEmpty ? "" : ","
        var running = 0
        var lines = zip(Self.bounds, state.buckets).map { bound, count in
            running += count
            return "\(name)_bucket{\(labels)\(comma)le=\"\(number(bound))\"} \(running)"
        }
        lines.append("\(name)_bucket{\(labels)\(comma)le=\"+Inf\"} \(state.count)")
        lines.append("\(name)_sum\(braces) \(number(state.value))")
        lines.append("\(name)_count\(braces) \(state.count)")
        return lines
    }

    private func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { String($0) } ?? String(value)
    }

    func increment(by amount: Int64) { state.withLockedValue { $0.value += Double(amount) } }
    func increment(by amount: Double) { state.withLockedValue { $0.value += amount } }
    func reset() { state.withLockedValue { $0 = State() } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLockedValue { $0.value = value } }
    func decrement(by amount: Double) { increment(by: -amount) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard kind == .histogram else { return set(value) }
        state.withLockedValue { state in
            state.value += value
            state.count += 1
            if let bucket = Self.bounds.firstIndex(where: { value <= $0 }) { state.buckets[bucket] += 1 }
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
