import Foundation

/// How far a back-fill goes (decisions, section 1).
struct BackfillLimits: Sendable {
    /// Older messages are left alone.
    var reach = Duration.seconds(15 * 60)
    /// Read besides the gap: Slack's clock is not ours.
    var overlap = Duration.seconds(30)
    /// Conversations are read in which a question was asked within that time.
    var activity = Duration.seconds(24 * 3600)
    /// Questions that are taken up after one gap.
    var questions = 50
    /// Conversations and threads that are read after one gap, at most 50 a minute by Slack's limits.
    var places = 200
    /// The waits before what could not be read is tried again.
    var repeats: [Duration] = [.seconds(5), .seconds(30), .seconds(60)]

    /// From when on messages are read for a gap.
    func oldest(of gap: Gap, now: Date) -> Date {
        max(gap.since.addingTimeInterval(-(overlap / .seconds(1))), earliest(now))
    }

    /// What is older is left alone.
    func earliest(_ now: Date) -> Date { now.addingTimeInterval(-(reach / .seconds(1))) }

    /// A time as Slack writes it: seconds, a point and six digits.
    static func ts(_ time: Date) -> String {
        let micros = Int64((max(0, time.timeIntervalSince1970) * 1_000_000).rounded())
        let fraction = String(micros % 1_000_000)
        return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}
