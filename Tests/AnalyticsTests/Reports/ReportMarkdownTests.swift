import Bridge
import Testing

@testable import Analytics

@Suite("Reports as Markdown")
struct ReportMarkdownTests {
    @Test("each unit has its own format")
    func units() {
        let cases: [(ReportUnit, JSONValue, String?)] = [
            (.text, "a", "a"), (.text, "", nil), (.list, ["a", "b"], "a, b"), (.list, [], nil),
            (.count, 1_234_567, "1,234,567"), (.decimal, 2.25, "2.2"), (.usd, 2_103_120, "$0.0021"),
            (.usd, 0, "$0.0000"),
            (.milliseconds, 850, "850 ms"), (.milliseconds, 12_345, "12.3 s"), (.percent, 12.5, "12.5 %"),
            (.change, 12.5, "+12.5 %"), (.change, -3.0, "-3.0 %"), (.change, "new", "new"),
            (.time, "2026-11-28T14:05:31.000Z", "2026-11-28 14:05 UTC"), (.flag, true, "yes"), (.flag, false, "no"),
        ]
        for (unit, value, text) in cases { #expect(unit.text(value) == text, "\(unit) \(value)") }
        for unit in ReportUnit.allCases { #expect(unit.text(.null) == nil) }
    }

    @Test("a preview stays in its cell, on one line, and has no effect as Markdown")
    func previews() {
        #expect(ReportFormat.cell("a | b\n`c`\t d") == "a \\| b 'c' d")
        #expect(ReportFormat.cell("[x](y) <!here> *z* \\") == "\\[x\\](y) \\<!here\\> \\*z\\* \\\\")
        #expect(ReportFormat.cell(String(repeating: "a", count: 121)) == String(repeating: "a", count: 117) + "...")
        #expect(ReportFormat.cell("a\u{0}\u{7}b") == "a b")
    }

    @Test("a table has a heading, aligned columns and a dash for a missing value")
    func table() {
        let columns = [ReportColumn("user", "User", .text, "x"), ReportColumn("cost", "Cost", .usd, "x")]
        let table = ReportTable(title: "Users", columns: columns, rows: [["ada", 1_000_000_000], ["bob", .null]])
        #expect(
            table.markdown == """
                **Users**

                | User | Cost |
                | --- | ---: |
                | ada | $1.0000 |
                | bob | – |
                """)
        #expect(
            table.structured == [["user": "ada", "cost_usd": 1.0, "cost_nano": 1_000_000_000], ["user": "bob"]])
        #expect(ReportTable(title: "Users", columns: columns, rows: []).markdown == "**Users**: none")
    }

    @Test("a figure stands beside that of the period before")
    func changes() {
        func text(_ unit: ReportUnit, _ value: JSONValue, _ before: JSONValue) -> String {
            ReportFigure(column: ReportColumn("a", "A", unit, "x"), value: value, before: before).text
        }
        #expect(text(.count, 12, 10) == "12 (+20.0 % from 10)")
        #expect(text(.usd, 1_000_000_000, 2_000_000_000) == "$1.0000 (-50.0 % from $2.0000)")
        #expect(text(.count, 12, 0) == "12 (new)")
        #expect(text(.count, 0, 12) == "0 (-100.0 % from 12)")
        #expect(text(.count, 0, 0) == "0")
        #expect(text(.count, 12, .null) == "12")
        #expect(text(.percent, 12.0, 10.0) == "12.0 % (was 10.0 %)")
        #expect(text(.milliseconds, .null, 5) == "none")
        #expect(ReportChange.value(3, before: 0) == "new")
        #expect(ReportChange.value(0, before: 0) == 0.0)
        #expect(ReportChange.value(4, before: 3) == 33.33)
    }

    @Test("nothing is divided by zero")
    func ratios() {
        #expect(ReportRatio.percent(0, of: 0) == .null)
        #expect(ReportRatio.mean(0, over: 0) == .null)
        #expect(ReportRatio.percent(1, of: 3) == 33.33)
        #expect(ReportRatio.mean(5, over: 2) == 3)
    }

    @Test("the forecast divides by the days so far and multiplies by those of the month")
    func forecast() {
        let calendar = ReportingCalendar()
        func forecast(_ today: String) -> MonthForecast {
            MonthForecast(spent: Money(nano: 1_000_000_000), today: today, calendar)
        }
        #expect(forecast("2026-11-10").estimate == Money(nano: 3_000_000_000))
        #expect(forecast("2026-11-10").monthDays == 30)
        #expect(forecast("2026-02-28").monthDays == 28)
        #expect(forecast("2028-02-01").monthDays == 29)
        #expect(forecast("2026-12-31").estimate == Money(nano: 1_000_000_000))
        #expect(forecast("2026-11-10").structured["estimate_usd"] == 3.0)
    }

    @Test("a question's cost is divided over its calls; the first one gets the remainder")
    func shares() {
        let servers = ReportContext.servers(of: [
            UserQuestion(cost: 11, servers: ["a", "b", "a"]),
            UserQuestion(cost: 7, servers: []),
        ])
        #expect(servers.mapValues(\.costNano) == ["a": 8, "b": 3])
        #expect(servers.mapValues(\.questions) == ["a": 1, "b": 1])
        #expect(servers.mapValues(\.calls) == ["a": 2, "b": 1])
    }
}
