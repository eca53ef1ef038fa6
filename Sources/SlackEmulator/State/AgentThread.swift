/// The line under a thread, "<app> <text>". Slack removes it when the app posts there, and after two minutes.
struct ThreadStatus: Sendable {
    let text: String
    let expires: ContinuousClock.Instant
}

/// What Slack shows of the agent's session in a thread; the raw values are Slack's. A post of the app does not end the
/// processing.
package enum AgentSession: String, Sendable {
    /// Nothing runs.
    case active
    /// The agent works; the user can stop it.
    case processing
    /// The agent waits for the user.
    case suspended
    case closed
}

extension WorkspaceState {
    /// The status lines that Slack shows now, by `channel:thread_ts`.
    var visibleStatuses: [String: String] {
        let now = ContinuousClock.now
        return statuses.filter { $0.value.expires > now }.mapValues(\.text)
    }
}
