import Foundation

/// Limits of a back-fill.
struct BackfillLimits: Sendable {
    /// Messages older than this are not answered.
    var reach = Duration.seconds(15 * 60)
    /// Read before the gap too, because Slack's clock and this machine's differ.
    var overlap = Duration.seconds(30)
    /// A thread is read if a question was asked in it within this time.
    var activity = Duration.seconds(24 * 3600)
    /// The number of questions of one round, and the pause between two rounds: the questions that arrive meanwhile, and
    /// Slack's rate limits, have time between them.
    var round = 50
    var pause = Duration.seconds(10)
    /// Maximum number of conversations and threads that are read after one gap. Slack allows some 50 calls a minute.
    var places = 200
    /// Pauses before a repeated pass over what could not be read.
    var repeats: [Duration] = [.seconds(5), .seconds(30), .seconds(60)]

    /// The earliest time of messages that are read for a gap.
    func oldest(of gap: Gap, now: Date) -> Date {
        max(gap.since.addingTimeInterval(-(overlap / .seconds(1))), earliest(now))
    }

    /// The earliest time within the reach.
    func earliest(_ now: Date) -> Date { now.addingTimeInterval(-(reach / .seconds(1))) }

    /// Whether a question is too old to be answered.
    func isTooLate(_ question: SlackQuestion, now: Date) -> Bool {
        question.sentAt.map { $0 < earliest(now).addingTimeInterval(-(overlap / .seconds(1))) } ?? false
    }

    /// A time as Slack's ts: seconds, a point and six digits.
    static func ts(_ time: Date) -> String {
        let micros = Int64((max(0, time.timeIntervalSince1970) * 1_000_000).rounded())
        let fraction = String(micros % 1_000_000)
        return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}
