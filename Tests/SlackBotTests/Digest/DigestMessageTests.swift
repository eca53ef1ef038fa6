import Analytics
import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("The text of a digest")
struct DigestMessageTests {
    private static func cost(
        _ questions: Int64, nano: Int64, unpriced: Int64 = 0, before: (questions: Int64, nano: Int64) = (0, 0)
    ) -> JSONObject {
        [
            "period": "week", "from": "2026-11-17", "to": "2026-11-23",
            "totals": ["questions": .int(questions), "cost_nano": .int(nano), "unpriced": .int(unpriced)],
            "previous": ["totals": ["questions": .int(before.questions), "cost_nano": .int(before.nano)]],
            "forecast": ["month": "2026-11", "estimate_nano": .int(nano * 2)],
        ]
    }

    private static func server(_ name: String, _ milliseconds: Int64?) -> JSONValue {
        var row: JSONValue = ["mcp": .string(name), "state": "healthy", "calls": 4]
        row["p95_ms"] = milliseconds.map { .int($0) }
        return row
    }

    private static func tool(_ server: String, _ tool: String, _ calls: Int64) -> JSONValue {
        ["mcp": .string(server), "tool": .string(tool), "calls": .int(calls)]
    }

    private static func digest(
        _ cost: JSONObject, _ period: DigestSettings.Period = .week, errors: Int64 = 0, tools: [JSONValue] = [],
        servers: [JSONValue] = []
    ) -> DigestMessage {
        DigestMessage(
            period: period, cost: cost, errors: ["totals": ["errors": .int(errors)]],
            tools: ["rows": .array(tools)], servers: ["rows": .array(servers)])
    }

    @Test("it says what was spent and asked, what failed, and which servers and tools stand out")
    func filled() {
        let digest = Self.digest(
            Self.cost(120, nano: 12_340_000_000, unpriced: 1, before: (100, 10_970_000_000)), errors: 6,
            tools: [Self.tool("ops", "list_services", 3), Self.tool("database", "get_top_queries", 45)],
            servers: [Self.server("ops", 850), Self.server("database", 4_200), Self.server("idle", nil)])
        #expect(
            digest.markdown == """
                **Digest of the last 7 days** (2026-11-17 to 2026-11-23)

                - **Cost**: $12.34, +12.5 % from $10.97 in the 7 days before; estimate for 2026-11: $24.68
                - **Questions**: 120, +20.0 % from 100; 6 with an error (5.0 %)
                - **Slowest servers**, p95 of 7 days: `database` 4.2 s, `ops` 850 ms
                - **Most used tools**: `database.get_top_queries` 45 calls, `ops.list_services` 3 calls
                - 1 question used a model without a known price; the cost is not included
                """)
    }

    @Test("without questions it is one line")
    func empty() {
        #expect(
            Self.digest(Self.cost(0, nano: 0)).markdown
                == "**Digest of the last 7 days** (2026-11-17 to 2026-11-23): no questions.")
        #expect(
            Self.digest(Self.cost(0, nano: 0, before: (7, 5)), .month).markdown
                == "**Digest of this month** (2026-11-17 to 2026-11-23): no questions, 7 in the month before.")
        let missing = DigestMessage(period: .today, cost: [:], errors: [:], tools: [:], servers: [:])
        #expect(missing.markdown == "**Digest of today** (): no questions.")
    }

    @Test("a first period has nothing to compare with, and small amounts keep four decimals")
    func first() {
        let text = Self.digest(Self.cost(2, nano: 2_100_000)).markdown
        #expect(text.contains("- **Cost**: $0.0021; estimate for 2026-11: $0.0042"))
        #expect(text.contains("- **Questions**: 2; none with an error"))
        #expect(!text.contains("Slowest") && !text.contains("tools"))
    }

    @Test("a decrease has its sign")
    func decrease() {
        let text = Self.digest(Self.cost(1, nano: 500_000_000, before: (4, 2_000_000_000))).markdown
        #expect(text.contains("$0.5000, -75.0 % from $2.00") && text.contains("1, -75.0 % from 4"))
    }

    @Test("at most five servers and tools are named; of equal ones the first by name")
    func limits() {
        let digest = Self.digest(
            Self.cost(9, nano: 0), tools: (1...7).map { Self.tool("s", "t\($0)", 2) } + [Self.tool("s", "none", 0)],
            servers: (1...7).map { Self.server("s\($0)", 10) })
        #expect(digest.tools.map(\.name.tool) == ["t1", "t2", "t3", "t4", "t5"])
        #expect(digest.slowest.map(\.server) == ["s1", "s2", "s3", "s4", "s5"])
    }

    @Test("names of tools neither notify nor end their code span")
    func names() {
        let digest = Self.digest(Self.cost(1, nano: 0), tools: [Self.tool("a`<!channel>`", "b", 1)])
        #expect(digest.markdown.contains("`a'<!channel>'.b`"))
        #expect(!digest.message.text.contains("<!channel>"))
        #expect(digest.message.isRich)
    }

    @Test("its message and its chart are found by what Slack's history returns")
    func key() throws {
        let key = DigestKey(due: try #require(Timestamp.date("2026-11-23T08:00:00.000Z")))
        #expect(key.text == "digest:2026-11-23T08:00:00.000Z")
        #expect(key.fileName == "omni-digest-20261123T080000Z.png")
        #expect(key.isKey(of: ["ts": "1.5", "metadata": key.metadata]))
        let other = DigestKey(due: key.due.addingTimeInterval(60))
        #expect(!key.isKey(of: ["metadata": other.metadata]) && !key.isKey(of: ["text": .string(key.text)]))
        #expect(
            !key.isKey(of: ["metadata": ["event_type": "omni_answer", "event_payload": ["key": .string(key.text)]]]))
        #expect(key.isChart(in: ["files": [["name": "a.png"], ["name": .string(key.fileName)]]]))
        #expect(!key.isChart(in: ["files": [["name": .string(other.fileName)]]]) && !key.isChart(in: [:]))
    }
}
