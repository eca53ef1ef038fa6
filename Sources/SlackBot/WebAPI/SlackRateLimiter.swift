import Bridge
import DequeModule

/// Keeps calls under Slack's limits before Slack has to: one message a second in a channel, and each method at its
/// tier's rate (docs.slack.dev, rate limits). A call waits for its turn; calls of other methods and channels do not.
actor Pacer {
    private let clock = ContinuousClock()
    private var nextTurn: [String: ContinuousClock.Instant] = [:]
    /// Until when nobody calls, by lane.
    private var holds: [String: ContinuousClock.Instant] = [:]
    private let isOn: Bool

    init(isOn: Bool = true) { self.isOn = isOn }

    /// Calls of the last minute that a luxury must leave room for: half of Tier 3, Slack's limit for edits.
    private static let comfort = 25
    private var recent: [String: Deque<ContinuousClock.Instant>] = [:]

    /// Whether a call that may as well not be made leaves enough of the method's minute to those that must.
    func affords(_ method: String) -> Bool {
        let now = clock.now
        if let hold = holds[method], hold > now { return false }
        while let first = recent[method]?.first, now - first > .seconds(60) { recent[method]?.removeFirst() }
        return recent[method, default: []].count < Self.comfort
    }

    /// Notes a call of a method whose minute is counted.
    func spent(_ method: String) {
        recent[method, default: []].append(clock.now)
        if recent[method, default: []].count > Self.comfort { recent[method]?.removeFirst() }
    }

    /// Returns nil when the call may go out. When its turn is further away than `patience` it takes no turn and gives
    /// the wait at once. Throws when the task is cancelled while it waits.
    func wait(method: String, channel: String?, atMost patience: Duration = .seconds(86_400)) async throws -> Duration?
    {
        let lanes = lanes(method, channel)
        let deadline = clock.now + patience
        // Whoever slept through the beginning of a hold takes a new turn after it.
        repeat {
            let turn = turn(lanes)
            guard turn <= deadline else { return turn - clock.now }
            for (key, spacing) in lanes where spacing > .zero { nextTurn[key] = turn + spacing }
            if turn > clock.now { try await AlarmClock.sleep(until: turn) }
        } while lanes.contains { (holds[$0.key] ?? clock.now) > clock.now }
        return nil
    }

    private func turn(_ lanes: [(key: String, spacing: Duration)]) -> ContinuousClock.Instant {
        let now = clock.now
        if nextTurn.count > Self.largestMemory { nextTurn = nextTurn.filter { $0.value > now } }
        return lanes.flatMap { [nextTurn[$0.key], holds[$0.key]] }.compactMap { $0 }.reduce(now, max)
    }

    /// Slack asked for a pause: nobody calls this method in this channel before it is over.
    func hold(method: String, channel: String?, for pause: Duration) {
        let now = clock.now
        if holds.count > Self.largestMemory { holds = holds.filter { $0.value > now } }
        let key = Self.posts.contains(method) ? "channel \(channel ?? "")" : method
        holds[key] = max(holds[key] ?? now, now + pause)
    }

    /// Turns and holds that are over are forgotten when there are more than this.
    private static let largestMemory = 1_000

    /// A response_url is a channel of its own, with the same pace (docs.slack.dev, rate limits).
    private static let posts: Set<String> = ["chat.postMessage", "chat.postEphemeral", "response_url"]

    /// Tier 3 allows 50 calls a minute with bursts; edits of one message come at 3 s anyway, so only posts, whose limit
    /// is per channel, are spaced ahead. What else is too fast is held when Slack says so.
    private func lanes(_ method: String, _ channel: String?) -> [(key: String, spacing: Duration)] {
        guard Self.posts.contains(method) else { return [(method, .zero)] }
        return [("channel \(channel ?? "")", isOn ? .seconds(1) : .zero)]
    }
}
