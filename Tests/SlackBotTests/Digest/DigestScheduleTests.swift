import Analytics
import Foundation
import Testing

@testable import SlackBot

@Suite("When a digest is due", .timeLimit(.minutes(3)))
struct DigestScheduleTests {
    private static let everyDay = Set(DigestSettings.Weekday.allCases)

    private static func schedule(
        _ zone: String, _ at: String, _ days: Set<DigestSettings.Weekday> = everyDay
    ) throws -> DigestSchedule {
        DigestSchedule(
            at: try #require(DigestSettings.TimeOfDay(at)), days: days,
            timeZone: try #require(TimeZone(identifier: zone)))
    }

    /// A time as `2026-11-23T08:00` in UTC.
    private static func time(_ text: String) throws -> Date { try #require(Timestamp.date("\(text):00.000Z")) }

    /// One digest: zone, time, an instant before, and when it is due.
    struct Row: Sendable, CustomTestStringConvertible {
        let zone: String
        let at: String
        let after: String
        let due: String

        init(_ zone: String, _ at: String, after: String, _ due: String) {
            (self.zone, self.at, self.after, self.due) = (zone, at, after, due)
        }

        var testDescription: String { "\(zone) \(at) after \(after)" }
    }

    @Test(
        "the next one of every day",
        arguments: [
            Row("UTC", "09:00", after: "2026-11-23T08:59", "2026-11-23T09:00"),
            Row("UTC", "09:00", after: "2026-11-23T09:00", "2026-11-24T09:00"),
            Row("UTC", "00:00", after: "2026-12-31T12:00", "2027-01-01T00:00"),
            Row("UTC", "23:59", after: "2028-02-28T23:59", "2028-02-29T23:59"),
            Row("Europe/Vienna", "09:00", after: "2026-11-23T07:59", "2026-11-23T08:00"),
            Row("Asia/Kolkata", "09:00", after: "2026-11-23T03:00", "2026-11-23T03:30"),
            Row("Pacific/Kiritimati", "01:00", after: "2026-11-22T10:59", "2026-11-22T11:00"),
            Row("Pacific/Pago_Pago", "23:00", after: "2026-11-23T09:59", "2026-11-23T10:00"),
            // The clock goes from 02:00 to 03:00 at 01:00 UTC: what it skips is due at 03:00.
            Row("Europe/Vienna", "01:59", after: "2026-03-29T00:00", "2026-03-29T00:59"),
            Row("Europe/Vienna", "02:00", after: "2026-03-29T00:00", "2026-03-29T01:00"),
            Row("Europe/Vienna", "02:30", after: "2026-03-29T00:00", "2026-03-29T01:00"),
            Row("Europe/Vienna", "03:00", after: "2026-03-29T00:00", "2026-03-29T01:00"),
            Row("Europe/Vienna", "02:30", after: "2026-03-29T01:00", "2026-03-30T00:30"),
            // The clock goes from 03:00 back to 02:00 at 01:00 UTC: of the hour that is there twice the first counts.
            Row("Europe/Vienna", "02:30", after: "2026-10-25T00:00", "2026-10-25T00:30"),
            Row("Europe/Vienna", "02:30", after: "2026-10-25T00:30", "2026-10-26T01:30"),
            Row("Europe/Vienna", "02:00", after: "2026-10-24T23:00", "2026-10-25T00:00"),
            Row("Europe/Vienna", "03:00", after: "2026-10-25T00:30", "2026-10-25T02:00"),
            Row("America/New_York", "02:30", after: "2026-03-08T05:00", "2026-03-08T07:00"),
            Row("America/New_York", "01:30", after: "2026-11-01T04:00", "2026-11-01T05:30"),
            Row("America/New_York", "01:30", after: "2026-11-01T05:30", "2026-11-02T06:30"),
            // Half an hour, from 02:00 to 02:30 and from 02:00 back to 01:30.
            Row("Australia/Lord_Howe", "02:15", after: "2026-10-03T12:00", "2026-10-03T15:30"),
            Row("Australia/Lord_Howe", "01:45", after: "2026-04-04T12:00", "2026-04-04T14:45"),
            Row("Australia/Lord_Howe", "01:45", after: "2026-04-04T14:45", "2026-04-05T15:15"),
            // The whole 30th of December was left out.
            Row("Pacific/Apia", "09:00", after: "2011-12-29T19:00", "2011-12-30T19:00"),
        ])
    func next(_ row: Row) throws {
        let due = try Self.schedule(row.zone, row.at).next(after: Self.time(row.after))
        #expect(due.map(Timestamp.text) == "\(row.due):00.000Z")
    }

    @Test("days of the week are those of the zone, also across the end of a month")
    func days() throws {
        let weekly = try Self.schedule("Europe/Vienna", "09:00", [.mon])
        let monday = try #require(weekly.next(after: Self.time("2026-11-24T00:00")))
        #expect(Timestamp.text(monday) == "2026-11-30T08:00:00.000Z")
        #expect(weekly.next(after: monday).map(Timestamp.text) == "2026-12-07T08:00:00.000Z")
        let early = try Self.schedule("Asia/Tokyo", "01:00", [.mon, .thu])
        var dues: [String] = []
        var last = try Self.time("2026-11-22T00:00")
        for _ in 0..<4 {
            last = try #require(early.next(after: last))
            dues.append(String(Timestamp.text(last).prefix(16)))
        }
        // Monday in Tokyo is still Sunday in UTC.
        #expect(dues == ["2026-11-22T16:00", "2026-11-25T16:00", "2026-11-29T16:00", "2026-12-02T16:00"])
    }

    @Test("without days nothing is due, and a disabled digest has no schedule")
    func never() throws {
        let schedule = try Self.schedule("UTC", "09:00", [])
        let now = try Self.time("2026-11-23T08:00")
        #expect(schedule.next(after: now) == nil && schedule.last(through: now) == nil)
        #expect(DigestSchedule(DigestSettings(), timeZone: .gmt) == nil)
        var settings = DigestSettings()
        settings.isEnabled = true
        #expect(DigestSchedule(settings, timeZone: .gmt)?.days == [.mon])
    }

    private static let zones = [
        "UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut",
        "Africa/Casablanca", "America/St_Johns",
    ]

    @Test("over two years there is one digest a day, and the last one is the one before the next", arguments: zones)
    func chain(_ zone: String) throws {
        for at in ["00:00", "00:30", "02:30", "09:00", "23:59"] {
            let schedule = try Self.schedule(zone, at)
            var due = try #require(schedule.next(after: Self.time("2026-01-01T00:00")))
            for _ in 0..<730 {
                let next = try #require(schedule.next(after: due))
                let hours = next.timeIntervalSince(due) / 3600
                #expect((22.5...25.5).contains(hours), "\(zone) \(at) \(Timestamp.text(due))")
                #expect(schedule.last(through: next.addingTimeInterval(-1)) == due)
                #expect(schedule.last(through: next) == next)
                due = next
            }
        }
    }

    @Test("each one is the first minute at which the clock shows the time or a later one", arguments: zones)
    func firstMinute(_ zone: String) throws {
        let timeZone = try #require(TimeZone(identifier: zone))
        for day in try Self.daysOfChange(timeZone) {
            for at in ["00:00", "00:30", "01:30", "01:59", "02:00", "02:15", "02:30", "03:00", "12:00", "23:30"] {
                let time = try #require(DigestSettings.TimeOfDay(at))
                let local = day * 86_400 + time.minutes * 60
                let first = try #require(
                    stride(from: local - 15 * 3600, through: local + 16 * 3600, by: 60).first { seconds in
                        let instant = Date(timeIntervalSince1970: Double(seconds))
                        return seconds + timeZone.secondsFromGMT(for: instant) >= local
                    })
                let expected = Date(timeIntervalSince1970: Double(first))
                let due = try Self.schedule(zone, at).next(after: expected.addingTimeInterval(-1))
                #expect(due == expected, "\(zone) \(at) \(Timestamp.text(expected))")
            }
        }
    }

    /// The numbers of the local days of 2026 on which the clock is changed, and of one other.
    private static func daysOfChange(_ zone: TimeZone) throws -> [Int] {
        let start = Int(try time("2026-01-01T00:00").timeIntervalSince1970)
        let offsets = (0..<365 * 24).map { hour in
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(start + hour * 3600)))
        }
        let changes = offsets.indices.dropFirst().filter { offsets[$0] != offsets[$0 - 1] }
        return [start / 86_400] + changes.map { (start + $0 * 3600 + offsets[$0]) / 86_400 }
    }
}
