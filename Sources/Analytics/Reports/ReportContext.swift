import Bridge
import Foundation

/// One run of a report: its arguments, the days of its period, and the reads.
struct ReportContext {
    let report: AnalyticsReport
    let arguments: CheckedArguments
    let reader: ReportReader
    let calendar: ReportingCalendar
    let now: Date
    let range: ReportRange
    /// The period before; nil for the period all.
    let previous: ReportRange?
    /// The e-mail of the user that the parameter `user_id` names; nil: everyone.
    let user: String?

    /// Throws ``ReportProblem`` for an unknown user.
    init(
        _ report: AnalyticsReport, _ arguments: CheckedArguments, _ reader: ReportReader,
        _ calendar: ReportingCalendar, now: Date
    ) throws {
        self.report = report
        self.arguments = arguments
        self.reader = reader
        self.calendar = calendar
        self.now = now
        range = arguments.period.range(now: now, calendar)
        previous = arguments.period.previous(now: now, calendar)
        user = try arguments.user.map { try Self.email($0, reader) }
    }

    /// The days of the period. The period all has no end, as it has none in ``times``: by the clock of another process a
    /// question may have ended after this day.
    var days: ClosedRange<String> {
        range.firstDay...(arguments.period == .all ? Self.lastDay : range.lastDay)
    }

    /// The days of the period before; nil for the period all.
    var daysBefore: ClosedRange<String>? { previous.map { $0.firstDay...$0.lastDay } }

    /// The times of the period; nil for the period all.
    var times: Range<Date>? { arguments.period == .all ? nil : range.start..<range.end }

    /// The times of the period before; nil for the period all.
    var timesBefore: Range<Date>? { previous.map { $0.start..<$0.end } }

    /// The first day of the period; for the period all the first day with a question, else the last day.
    func firstDay() throws -> String {
        guard arguments.period == .all else { return range.firstDay }
        return min(try reader.firstDay() ?? range.lastDay, range.lastDay)
    }

    /// Sorts after every day.
    private static let lastDay = "9999-99-99"

    private static func email(_ given: JSONValue, _ reader: ReportReader) throws -> String {
        if case .int(let id) = given, let email = try reader.email(ofUser: id) { return email.lowercased() }
        if let email = given.string?.lowercased(), try reader.isKnown(email: email) { return email }
        let some = try reader.someUsers(limit: 5)
        let known = some.isEmpty ? "no user is stored yet" : "some known users are \(some.joined(separator: ", "))"
        throw ReportProblem("user_id", given: given.text(), allowed: "there is no such user; \(known)")
    }
}
