package import Foundation

/// Times in the store: `2026-11-23T05:24:27.123Z`, UTC, whole milliseconds (rounded), so that their text sorts in the
/// order of the times. Foundation's formatters are slower by an order of magnitude and truncate.
package enum Timestamp {
    /// Formats a time.
    package static func text(_ time: Date) -> String {
        let milliseconds = Int64((time.timeIntervalSince1970 * 1000).rounded())
        let day = milliseconds.flooredDivision(by: 86_400_000)
        let inDay = milliseconds - day * 86_400_000
        let (year, month, date) = civil(day)
        let seconds = inDay / 1000
        let minutes = seconds / 60
        let calendar = "\(pad(year, 4))-\(pad(month, 2))-\(pad(date, 2))"
        let clock = "\(pad(minutes / 60, 2)):\(pad(minutes % 60, 2)):\(pad(seconds % 60, 2))"
        return "\(calendar)T\(clock).\(pad(inDay % 1000, 3))Z"
    }

    /// The time as it is stored.
    static func rounded(_ time: Date) -> Date {
        Date(timeIntervalSince1970: (time.timeIntervalSince1970 * 1000).rounded() / 1000)
    }

    /// Parses the format of ``text(_:)``; nil for any other text.
    package static func date(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count == 24, bytes[10] == UInt8(ascii: "T"), bytes[23] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let fraction = number(20..<23), (1...12).contains(month)
        else { return nil }
        let days = dayNumber(year: year, month: month, day: day)
        let minutes = (days * 24 + hour) * 60 + minute
        let milliseconds = (minutes * 60 + second) * 1000 + fraction
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    /// The year and month of a time in UTC.
    package static func month(of time: Date) -> (year: Int64, month: Int64) {
        let (year, month, _) = civil(Int64(time.timeIntervalSince1970.rounded(.down)).flooredDivision(by: 86_400))
        return (year, month)
    }

    // Days to dates and back in the proleptic Gregorian calendar, with years that begin in March:
    // howardhinnant.github.io/date_algorithms.html, `civil_from_days` and `days_from_civil`.
    private static func civil(_ dayNumber: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = dayNumber + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - firstDay(yearOfEra)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        return (month <= 2 ? year + 1 : year, month, day)
    }

    private static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.flooredDivision(by: 400)
        let yearOfEra = shifted - era * 400
        let marchMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        return era * 146_097 + firstDay(yearOfEra) + dayOfYear - 719_468
    }

    private static func firstDay(_ yearOfEra: Int64) -> Int64 { 365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100 }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
