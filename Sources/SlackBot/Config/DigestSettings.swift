/// `digest` of slack.yaml: the summary of the audit log that is posted on a schedule.
struct DigestSettings: Sendable, Hashable {
    /// The days that the summary is about; the raw values are those of the reports.
    enum Period: String, Sendable, Hashable, CaseIterable { case today, week, month }

    /// A day of the week. The raw values are those of slack.yaml.
    enum Weekday: String, Sendable, Hashable, CaseIterable { case mon, tue, wed, thu, fri, sat, sun }

    /// A time on the clock of the reports' time zone.
    struct TimeOfDay: Sendable, Hashable, CustomStringConvertible {
        /// 0 to 1439: minutes since 00:00.
        let minutes: Int

        /// nil for another form than `9:00` or `09:00`, and for a time that no clock shows.
        init?(_ text: String) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            let isPlain = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: ":")).contains($0) }
            guard parts.count == 2, isPlain, (1...2).contains(parts[0].count), parts[1].count == 2,
                let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
            else { return nil }
            minutes = hour * 60 + minute
        }

        private init(minutes: Int) { self.minutes = minutes }

        static let nine = TimeOfDay(minutes: 540)

        var description: String {
            let (hour, minute) = (minutes / 60, minutes % 60)
            return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
        }
    }

    var isEnabled = false
    /// An id, or a name with `#`; empty only while the digest is disabled.
    var channel = ""
    var at = TimeOfDay.nine
    /// Not empty.
    var days: Set<Weekday> = [.mon]
    var period = Period.week
}
