import Foundation
import Testing

@testable import Analytics

@Suite("Days of a time zone")
struct ReportingCalendarTests {
    private static func calendar(_ zone: String) throws -> ReportingCalendar {
        ReportingCalendar(timeZone: try #require(TimeZone(identifier: zone)))
    }

    /// A time as `2026-11-23T05:24:27`.
    private static func time(_ text: String) throws -> Date { try #require(Timestamp.date("\(text).000Z")) }

    /// A zone, a day, when it starts in UTC, and its length in hours.
    static let days: [(String, String, String, Double)] = [
        ("UTC", "2026-11-28", "2026-11-28T00:00:00", 24),
        ("Europe/Vienna", "2026-03-28", "2026-03-27T23:00:00", 24),
        ("Europe/Vienna", "2026-03-29", "2026-03-28T23:00:00", 23),
        ("Europe/Vienna", "2026-03-30", "2026-03-29T22:00:00", 24),
        ("Europe/Vienna", "2026-10-25", "2026-10-24T22:00:00", 25),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00:00", 23),
        ("Asia/Kolkata", "2026-11-28", "2026-11-27T18:30:00", 24),
        ("Asia/Kathmandu", "2027-01-01", "2026-12-31T18:15:00", 24),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00", 24.5),
        // Midnight was skipped.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00", 23),
    ]

    @Test(
        "a day begins at local midnight, also where the clock is set forward or back, or the offset has half hours",
        arguments: days)
    func starts(_ zone: String, _ day: String, _ start: String, _ hours: Double) throws {
        let calendar = try Self.calendar(zone)
        let begin = calendar.start(of: day)
        #expect(Timestamp.text(begin) == "\(start).000Z")
        let next = calendar.days(adding: 1, to: day)
        #expect(calendar.start(of: next).timeIntervalSince(begin) == hours * 3600)
        #expect(calendar.day(of: begin) == day)
        #expect(calendar.day(of: begin.addingTimeInterval(-0.001)) == calendar.days(adding: -1, to: day))
        #expect(calendar.day(of: calendar.start(of: next).addingTimeInterval(-0.001)) == day)
    }

    @Test(
        "each instant is in exactly the day that says so",
        arguments: [
            "Europe/Vienna", "America/St_Johns", "America/Havana", "Asia/Kolkata", "Pacific/Apia", "Asia/Beirut",
        ])
    func partition(_ zone: String) throws {
        let calendar = try Self.calendar(zone)
        var random = RollupRandom(state: 5)
        let begin = try Self.time("2005-01-01T00:00:00").timeIntervalSince1970
        for _ in 0..<2000 {
            let instant = Date(timeIntervalSince1970: begin + Double.random(in: 0...8e8, using: &random))
            let day = calendar.day(of: instant)
            #expect(calendar.start(of: day) <= instant, "\(Timestamp.text(instant)) in \(day)")
            #expect(instant < calendar.start(of: calendar.days(adding: 1, to: day)), "\(Timestamp.text(instant))")
        }
    }

    @Test("days are counted over months, years and leap days")
    func counting() {
        let calendar = ReportingCalendar()
        #expect(calendar.days(adding: 1, to: "2026-12-31") == "2027-01-01")
        #expect(calendar.days(adding: -1, to: "2027-01-01") == "2026-12-31")
        #expect(calendar.days(adding: 1, to: "2028-02-28") == "2028-02-29")
        #expect(calendar.days(adding: -6, to: "2026-03-03") == "2026-02-25")
        #expect(calendar.days(adding: 365, to: "2026-01-01") == "2027-01-01")
        #expect(calendar.days(adding: 1, to: "no day") == "no day")
        #expect(calendar.lastDay(ofMonth: "2026-12") == "2026-12-31")
        #expect(calendar.lastDay(ofMonth: "2026-02") == "2026-02-28")
        #expect(calendar.lastDay(ofMonth: "2028-02") == "2028-02-29")
        #expect(calendar.lastDay(ofMonth: "2026-04") == "2026-04-30")
        #expect(calendar.start(of: ReportRange.beginning) == Date(timeIntervalSince1970: 0))
    }

    @Test("the periods end with the local day and have one before them to compare with")
    func periods() throws {
        let calendar = try Self.calendar("Europe/Vienna")
        // 00:30 on the first of January in Vienna.
        let now = try Self.time("2026-12-31T23:30:00")
        func days(_ range: ReportRange?) -> [String] { range.map { [$0.firstDay, $0.lastDay] } ?? [] }
        #expect(days(ReportPeriod.today.range(now: now, calendar)) == ["2027-01-01", "2027-01-01"])
        #expect(days(ReportPeriod.week.range(now: now, calendar)) == ["2026-12-26", "2027-01-01"])
        #expect(days(ReportPeriod.month.range(now: now, calendar)) == ["2027-01-01", "2027-01-01"])
        #expect(days(ReportPeriod.all.range(now: now, calendar)) == ["0000-00-00", "2027-01-01"])
        #expect(days(ReportPeriod.today.previous(now: now, calendar)) == ["2026-12-31", "2026-12-31"])
        #expect(days(ReportPeriod.week.previous(now: now, calendar)) == ["2026-12-19", "2026-12-25"])
        #expect(days(ReportPeriod.month.previous(now: now, calendar)) == ["2026-12-01", "2026-12-31"])
        #expect(ReportPeriod.all.previous(now: now, calendar) == nil)
        let week = ReportPeriod.week.range(now: now, calendar)
        #expect(Timestamp.text(week.start) == "2026-12-25T23:00:00.000Z")
        #expect(Timestamp.text(week.end) == "2027-01-01T23:00:00.000Z")
        #expect(ReportPeriod.week.previous(now: now, calendar)?.end == week.start)
    }
}
