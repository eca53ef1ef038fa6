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
