import Foundation

/// When digests are due: a time of day on some days of the week, in a time zone.
///
/// A time that a day does not have, because the clock is set forward over it, becomes the first minute after it. Of a
/// time that a day has twice the first one counts. A day that the zone left out has no digest.
struct DigestSchedule: Sendable, Hashable {
    let at: DigestSettings.TimeOfDay
    let days: Set<DigestSettings.Weekday>
    let timeZone: TimeZone

    init(at: DigestSettings.TimeOfDay, days: Set<DigestSettings.Weekday>, timeZone: TimeZone) {
        self.at = at
        self.days = days
        self.timeZone = timeZone
    }

    /// nil when the digest is disabled.
    init?(_ settings: DigestSettings, timeZone: TimeZone) {
        guard settings.isEnabled else { return nil }
        self.init(at: settings.at, days: settings.days, timeZone: timeZone)
    }

    /// The first due instant after `instant`; nil without days.
    func next(after instant: Date) -> Date? {
        let today = day(of: instant)
        // Two weeks, since a zone may leave a day out; the day before, since a time may be moved past midnight.
        return (-1...15).lazy.compactMap { due(on: today + $0) }.first { $0 > instant }
    }

    /// The last due instant up to `instant`; nil without days.
    func last(through instant: Date) -> Date? {
        let today = day(of: instant)
        return (-15...1).reversed().lazy.compactMap { due(on: today + $0) }.first { $0 <= instant }
    }

    private static let secondsOfDay = 86_400

    /// The number of the local day, from 1970-01-01.
    private func day(of instant: Date) -> Int {
        let seconds = Int(instant.timeIntervalSince1970.rounded(.down)) + offset(at: instant)
        return Int((Double(seconds) / Double(Self.secondsOfDay)).rounded(.down))
    }

    /// nil for a day that is not among ``days``, and for one that the zone left out.
    private func due(on day: Int) -> Date? {
        // 1970-01-01 was a Thursday, the fourth day of a week that begins on Monday.
        let weekday = ((day + 3) % 7 + 7) % 7
        guard days.contains(DigestSettings.Weekday.allCases[weekday]) else { return nil }
        return instant(ofLocal: day * Self.secondsOfDay + at.minutes * 60)
    }

    /// The first instant at which clocks show that time.
    ///
    /// - Parameter local: the time on the clock, in seconds from 1970-01-01 00:00 on the same clock.
    private func instant(ofLocal local: Int) -> Date? {
        let offsets = [local - Self.secondsOfDay, local + Self.secondsOfDay].map { offset(at: Self.date($0)) }
        let shown = offsets.map { local - $0 }.filter { $0 + offset(at: Self.date($0)) == local }
        if let first = shown.min() { return Self.date(first) }
        // The clock is set forward over the time, between the instants that it would be by the two offsets.
        guard let small = offsets.min(), let large = offsets.max(), large - small < Self.secondsOfDay else {
            return nil
        }
        var (before, after) = (local - large, local - small)
        while after - before > 1 {
            let middle = before + (after - before) / 2
            if offset(at: Self.date(middle)) == large { after = middle } else { before = middle }
        }
        return Self.date(after)
    }

    private func offset(at instant: Date) -> Int { timeZone.secondsFromGMT(for: instant) }

    private static func date(_ seconds: Int) -> Date { Date(timeIntervalSince1970: Double(seconds)) }
}
