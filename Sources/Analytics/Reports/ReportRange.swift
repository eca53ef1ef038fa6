package import Foundation

/// Consecutive local days, and the instants from the first one's start to the last one's end.
package struct ReportRange: Sendable, Hashable {
    /// A text that sorts before every day.
    package static let beginning = "0000-00-00"

    /// The first and the last day, both included: `2026-11-28`. ``beginning`` if there is no first day.
    package let firstDay: String
    package let lastDay: String
    /// The first instant of ``firstDay``; 1970 if there is no first day.
    package let start: Date
    /// The first instant after ``lastDay``.
    package let end: Date

    package init(_ firstDay: String, _ lastDay: String, _ calendar: ReportingCalendar) {
        self.firstDay = firstDay
        self.lastDay = lastDay
        start = calendar.start(of: firstDay)
        end = calendar.start(of: calendar.days(adding: 1, to: lastDay))
    }
}
