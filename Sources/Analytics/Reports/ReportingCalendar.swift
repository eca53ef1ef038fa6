package import Foundation

/// Divides time into the days of a time zone, in the Gregorian calendar. Days are text that sorts by time:
/// `2026-11-28`.
///
/// Each instant belongs to exactly one day: a day lasts from its ``start(of:)`` to that of the next one, which is 23 or
/// 25 hours later where the clock is changed.
package struct ReportingCalendar: Sendable, Hashable {
    package let timeZone: TimeZone
    private let local: Calendar

    private static let utc = gregorian(.gmt)
    /// Where days before 1970 and texts that are no day begin: nothing is older.
    private static let epoch = Date(timeIntervalSince1970: 0)

    package init(timeZone: TimeZone = .gmt) {
        self.timeZone = timeZone
        local = Self.gregorian(timeZone)
    }

    /// The zone's name as it is stored with the roll-ups: `Europe/Vienna`.
    package var identifier: String { timeZone.identifier }

    /// The local day of an instant.
    package func day(of instant: Date) -> String {
        let day = date(instant)
        // Only where the clock is set back over midnight does the local date differ from the day as defined above.
        if instant < start(of: day) { return days(adding: -1, to: day) }
        let next = days(adding: 1, to: day)
        return instant < start(of: next) ? day : next
    }

    /// The first instant of a local day; of a day before 1970 and of a text that is no day: 1970 in UTC.
    package func start(of day: String) -> Date {
        guard var parts = Self.parts(day), let year = parts.year, year >= 1970 else { return Self.epoch }
        parts.hour = 12
        guard let noon = local.date(from: parts) else { return Self.epoch }
        let midnight = local.startOfDay(for: noon)
        guard date(midnight) < day else { return midnight }
        // The clock was set forward over midnight.
        if let change = timeZone.nextDaylightSavingTimeTransition(after: midnight), date(change) == day {
            return change
        }
        // A day that the zone left out, when it moved across the date line, has no length.
        return start(of: days(adding: 1, to: day))
    }

    private func date(_ instant: Date) -> String {
        Self.text(local.dateComponents([.year, .month, .day], from: instant))
    }

    /// The day `count` days after `day`, or before it for a negative count; `day` itself if it is no day.
    package func days(adding count: Int, to day: String) -> String {
        guard var parts = Self.parts(day) else { return day }
        parts.hour = 12
        guard let noon = Self.utc.date(from: parts), let moved = Self.utc.date(byAdding: .day, value: count, to: noon)
        else { return day }
        return Self.text(Self.utc.dateComponents([.year, .month, .day], from: moved))
    }

    /// The last day of a month: `2026-11-30` of `2026-11`.
    package func lastDay(ofMonth month: String) -> String {
        let next = days(adding: 31, to: "\(month)-01")
        return days(adding: -1, to: "\(next.prefix(8))01")
    }

    private static func gregorian(_ zone: TimeZone) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar
    }

    private static func parts(_ day: String) -> DateComponents? {
        let numbers = day.split(separator: "-", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard numbers.count == 3, numbers[0] > 0, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]) else {
            return nil
        }
        return DateComponents(year: numbers[0], month: numbers[1], day: numbers[2])
    }

    private static func text(_ parts: DateComponents) -> String {
        func padded(_ number: Int?, _ width: Int) -> String {
            let digits = String(number ?? 0)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))"
    }
}
