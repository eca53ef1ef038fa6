import Bridge

/// A slash command other than a question: answered at once, kept nowhere.
struct SlackCommand: Sendable, Hashable {
    enum Name: String, Sendable, Hashable {
        case help = "/omni-help"
        case status = "/omni-status"
    }

    let name: Name
    let team: String
    let user: String
    let channel: String
    let text: String
    let triggerID: String
    let responseURL: Secret
}
