/// The line under a thread, "<app> <text>". Slack removes it when the app posts there, and after two minutes.
struct ThreadStatus: Sendable {
    let text: String
    let expires: ContinuousClock.Instant
}

extension WorkspaceState {
    /// The status lines that Slack shows now, by `channel:thread_ts`.
    var visibleStatuses: [String: String] {
        let now = ContinuousClock.now
        return statuses.filter { $0.value.expires > now }.mapValues(\.text)
    }
}
