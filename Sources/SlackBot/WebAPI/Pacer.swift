/// Keeps calls under Slack's limits before Slack has to: one message a second in a channel, and each method at its
/// tier's rate (docs.slack.dev, rate limits). A call waits for its turn; calls of other methods and channels do not.
actor Pacer {
    private let clock = ContinuousClock()
    private var nextTurn: [String: ContinuousClock.Instant] = [:]
    private let isOn: Bool

    init(isOn: Bool = true) { self.isOn = isOn }

    /// Returns when the call may go out. Throws when the task is cancelled while it waits.
    func wait(method: String, channel: String?) async throws {
        let now = clock.now
        var turn = now
        for (key, spacing) in lanes(method, channel) {
            let lane = max(nextTurn[key] ?? now, now)
            turn = max(turn, lane)
            nextTurn[key] = max(lane, turn) + spacing
        }
        if turn > now { try await clock.sleep(until: turn) }
    }

    /// Slack asked for a pause: nobody calls this method in this channel before it is over.
    func hold(method: String, channel: String?, for pause: Duration) {
        let key = Self.posts.contains(method) ? "channel \(channel ?? "")" : method
        nextTurn[key] = max(nextTurn[key] ?? clock.now, clock.now + pause)
        if nextTurn.count > 10_000 { nextTurn = nextTurn.filter { $0.value > clock.now } }
    }

    private static let posts: Set<String> = ["chat.postMessage", "chat.postEphemeral"]

    /// Tier 3 allows 50 calls a minute with bursts; edits of one message come at 3 s anyway, so only posts, whose limit
    /// is per channel, are spaced ahead. What else is too fast is held when Slack says so.
    private func lanes(_ method: String, _ channel: String?) -> [(String, Duration)] {
        var lanes: [(String, Duration)] = [(method, .zero)]
        if isOn, Self.posts.contains(method), let channel { lanes.append(("channel \(channel)", .seconds(1))) }
        return lanes
    }
}
