import Logging
import NIOConcurrencyHelpers
import Testing

@testable import Bridge

/// Counts the lines that are logged.
private struct CountingLog: LogHandler {
    let lines: NIOLockedValueBox<Int>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.withLockedValue { $0 += 1 } }
}

@Suite("The metrics as Prometheus text")
struct PrometheusTests {
    @Test("counters and gauges are a type line and one line for each series, sorted")
    func counters() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "omni_bridge_questions_total", dimensions: [("outcome", "refused")]).increment(
            by: 1)
        for _ in 0..<2 {
            registry.makeCounter(label: "omni_bridge_questions_total", dimensions: [("outcome", "answered")])
                .increment(by: 1)
        }
        let cost = registry.makeFloatingPointCounter(label: "omni_bridge_cost_dollars_total", dimensions: [])
        cost.increment(by: 0.0021)
        cost.increment(by: 0.5)
        registry.makeMeter(label: "omni_slack_sockets", dimensions: []).set(Int64(2))
        #expect(
            registry.text() == """
                # TYPE omni_bridge_cost_dollars_total counter
                omni_bridge_cost_dollars_total 0.5021
                # TYPE omni_bridge_questions_total counter
                omni_bridge_questions_total{outcome="answered"} 2
                omni_bridge_questions_total{outcome="refused"} 1
                # TYPE omni_slack_sockets gauge
                omni_slack_sockets 2

                """)
    }

    @Test(
        "names and labels cannot break a line",
        arguments: [
            ("a\"b", #"a\"b"#), ("a\\b", #"a\\b"#), ("a\nb", #"a\nb"#), ("a\r\nb", "a\r\\nb"),
            ("a\"\u{301}b", "a\\\"\u{301}b"),
        ])
    func escaping(value: String, written: String) {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "9 lives.total", dimensions: [("to-ol", value), ("", "x")]).increment(by: 1)
        #expect(registry.text() == "# TYPE _9_lives_total counter\n_9_lives_total{to_ol=\"\(written)\",_=\"x\"} 1\n")
        #expect(registry.text().utf8.count { $0 == UInt8(ascii: "\n") } == 2)
    }

    @Test("the number of series is bounded: calls of further tools are counted as others, with one log line")
    func bounded() {
        let lines = NIOLockedValueBox(0)
        let registry = PrometheusRegistry(
            limit: 3, logger: Logger(label: "test") { _ in CountingLog(lines: lines) })
        func call(_ tool: String, _ outcome: String = "ok") {
            let labels = [("tool", tool), ("outcome", outcome)]
            registry.makeCounter(label: "calls_total", dimensions: labels).increment(by: 1)
        }
        for number in 1...3 { call("tool-\(number)") }
        #expect(lines.withLockedValue { $0 } == 0)
        for number in 1...50 { call("tool-\(number)") }
        registry.makeTimer(label: "call_seconds", dimensions: [("tool", "tool-9")]).recordNanoseconds(1)
        registry.makeMeter(label: "sockets", dimensions: []).set(Int64(2))
        let text = registry.text().split(separator: "\n").filter { !$0.contains("_bucket") && !$0.hasPrefix("#") }
        #expect(
            text == [
                #"call_seconds_sum{tool="other"} 1e-09"#, #"call_seconds_count{tool="other"} 1"#,
                #"calls_total{tool="other",outcome="other"} 47"#, #"calls_total{tool="tool-1",outcome="ok"} 2"#,
                #"calls_total{tool="tool-2",outcome="ok"} 2"#, #"calls_total{tool="tool-3",outcome="ok"} 2"#,
                "sockets 2",
            ])
        #expect(lines.withLockedValue { $0 } == 1)
    }

    @Test("a timer is a histogram in seconds with cumulative buckets")
    func histogram() throws {
        let registry = PrometheusRegistry()
        let timer = registry.makeTimer(label: "omni_bridge_tool_call_seconds", dimensions: [("server", "shop")])
        for milliseconds: Int64 in [3, 40, 40, 700, 400_000] { timer.recordNanoseconds(milliseconds * 1_000_000) }
        let lines = registry.text().split(separator: "\n").map(String.init)
        #expect(lines[0] == "# TYPE omni_bridge_tool_call_seconds histogram")
        func bucket(_ bound: String) throws -> Int? {
            let start = "omni_bridge_tool_call_seconds_bucket{server=\"shop\",le=\"\(bound)\"} "
            return Int(try #require(lines.first { $0.hasPrefix(start) }).dropFirst(start.count))
        }
        #expect(try bucket("0.005") == 1)
        #expect(try bucket("0.025") == 1)
        #expect(try bucket("0.05") == 3)
        #expect(try bucket("0.5") == 3)
        #expect(try bucket("1") == 4)
        #expect(try bucket("300") == 4)
        #expect(try bucket("+Inf") == 5)
        #expect(lines.dropLast().last?.hasPrefix("omni_bridge_tool_call_seconds_sum{server=\"shop\"} 400.783") == true)
        #expect(lines.last == "omni_bridge_tool_call_seconds_count{server=\"shop\"} 5")
        let counts = lines.filter { $0.contains("_bucket") }.compactMap {
            $0.split(separator: " ").last.flatMap { Int($0) }
        }
        #expect(counts == counts.sorted() && counts.count == 16)
    }

    @Test("an aggregating recorder is a histogram in its own unit, another one holds the last value")
    func recorders() {
        let registry = PrometheusRegistry()
        registry.makeRecorder(label: "sizes", dimensions: [], aggregate: true).record(7.0)
        let last = registry.makeRecorder(label: "level", dimensions: [], aggregate: false)
        last.record(7.0)
        last.record(.infinity)
        #expect(registry.text().contains("\nsizes_bucket{le=\"5\"} 0\nsizes_bucket{le=\"10\"} 1\n"))
        #expect(registry.text().hasPrefix("# TYPE level gauge\nlevel +Inf\n"))
    }
}
