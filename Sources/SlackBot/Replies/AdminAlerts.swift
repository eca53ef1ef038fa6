import Bridge
import NIOConcurrencyHelpers

/// What the administrators' channel is to be told: the one way to it. Takes messages in every process; only the bot has
/// an ``AdminAlertService`` that sends them.
final class AdminAlerts: Sendable {
    /// One message for the channel.
    struct Alert: Sendable, Hashable {
        /// Equal for repetitions of the same problem; nil: the message is sent whatever was told before.
        let problem: String?
        let text: String
    }

    /// The alerts, for one reader; when 64 are unread the oldest are dropped.
    let alerts: AsyncStream<Alert>
    private let continuation: AsyncStream<Alert>.Continuation
    private let repetitions = NIOLockedValueBox(ProblemRepetitions())
    private let now: @Sendable () -> ContinuousClock.Instant

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }) {
        self.now = now
        (alerts, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    /// Takes a failure of a question; one that administrators need not act on is ignored.
    func take(_ failure: Failure) {
        guard let report = failure.error.report else { return }
        tell("\(failure.error.code.rawValue) \(report)") { repeated in
            UserMessages.modelTrouble(
                report, cause: failure.error.cause, errorID: failure.errorID, repeated: repeated)
        }
    }

    /// Has a message sent.
    func tell(_ text: String) { continuation.yield(Alert(problem: nil, text: text)) }

    /// Has a message sent, unless the problem was told within the last hour. `text` gets the number of times that it
    /// has repeated since it was told.
    func tell(_ problem: String, _ text: (_ repeated: Int) -> String) {
        let time = now()
        guard let repeated = repetitions.withLockedValue({ $0.admit(problem, at: time) }) else { return }
        continuation.yield(Alert(problem: problem, text: text(repeated)))
    }

    /// The alert was not delivered: the next of its problem is sent.
    func undelivered(_ alert: Alert) {
        guard let problem = alert.problem else { return }
        repetitions.withLockedValue { $0.forget(problem) }
    }
}

/// Which of repeated problems is due to be told. Reads no clock.
struct ProblemRepetitions: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How long a problem is not told again.
    static let interval = Duration.seconds(3600)

    private struct Entry {
        let told: Instant
        var repeated = 0
    }

    private var entries: [String: Entry] = [:]

    /// How often the problem has repeated since it was told; nil when it must not be told again yet.
    mutating func admit(_ problem: String, at now: Instant) -> Int? {
        let known = entries[problem]
        if let known, now - known.told < Self.interval {
            entries[problem]?.repeated += 1
            return nil
        }
        // Bounds the number of entries by that of the problems of one interval.
        entries = entries.filter { now - $0.value.told < Self.interval }
        entries[problem] = Entry(told: now)
        return known?.repeated ?? 0
    }

    /// The problem counts as not told.
    mutating func forget(_ problem: String) { entries[problem] = nil }
}
