/// Counts the envelopes that Slack sends. Pure: the caller passes the times, as durations since the start.
struct EnvelopeStatistics: Sendable, Hashable {
    /// The statistics at one moment.
    struct Figure: Sendable, Hashable {
        /// Envelopes since the start.
        var total = 0
        /// Envelopes of the last five minutes.
        var recent = 0
        /// Time since the newest envelope; nil when there was none.
        var age: Duration?
        /// Envelopes that Slack delivered again (`retry_attempt` above 0).
        var redelivered = 0
        /// Envelopes that were acknowledged more than ``punctual`` after their arrival.
        var late = 0
    }

    /// An acknowledgement after more than this time is late; Slack waits for three seconds.
    static let punctual = Duration.seconds(1)
    private static let slot = 5
    private static let slots = 60

    private var total = 0
    private var redelivered = 0
    private var late = 0
    private var last: Duration?
    /// The counts of the last five minutes in slots of five seconds, each with the slot's number since the start.
    private var counts = [Slot](repeating: Slot(), count: EnvelopeStatistics.slots)

    private struct Slot: Hashable {
        var number = -1
        var count = 0
    }

    mutating func received(isRedelivery: Bool, at time: Duration) {
        total += 1
        if isRedelivery { redelivered += 1 }
        last = max(last ?? time, time)
        let number = Self.number(time)
        let place = number % Self.slots
        if counts[place].number != number { counts[place] = Slot(number: number) }
        counts[place].count += 1
    }

    mutating func acknowledged(after wait: Duration) {
        if wait > Self.punctual { late += 1 }
    }

    func figure(at time: Duration) -> Figure {
        let newest = Self.number(time)
        let recent = counts.filter { $0.number > newest - Self.slots && $0.number <= newest }.reduce(0) {
            $0 + $1.count
        }
        return Figure(
            total: total, recent: recent, age: last.map { max(.zero, time - $0) }, redelivered: redelivered, late: late)
    }

    private static func number(_ time: Duration) -> Int { Int(max(0, time.components.seconds)) / slot }
}
