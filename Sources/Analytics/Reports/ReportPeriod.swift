package import Foundation

/// The period of a report, up to the end of the present local day.
package enum ReportPeriod: String, Sendable, Hashable, CaseIterable {
    /// Since local midnight.
    case today
    /// Today and the six days before.
    case week
    /// Since the first of the local month.
    case month
    case all

    /// The days and instants of the period.
    package func range(now: Date, _ calendar: ReportingCalendar) -> ReportRange {
        let today = calendar.day(of: now)
        let first =
            switch self {
            case .today: today
            case .week: calendar.days(adding: -6, to: today)
            case .month: Self.firstOfMonth(today)
            case .all: ReportRange.beginning
            }
        return ReportRange(first, today, calendar)
    }

    /// The period to compare with: the day before, the seven days before, or the whole month before; nil for `all`.
    package func previous(now: Date, _ calendar: ReportingCalendar) -> ReportRange? {
        guard self != .all else { return nil }
        let present = range(now: now, calendar)
        let last = calendar.days(adding: -1, to: present.firstDay)
        let first =
            switch self {
            case .today, .all: last
            case .week: calendar.days(adding: -6, to: last)
            case .month: Self.firstOfMonth(last)
            }
        return ReportRange(first, last, calendar)
    }

    private static func firstOfMonth(_ day: String) -> String { "\(day.prefix(8))01" }
}
