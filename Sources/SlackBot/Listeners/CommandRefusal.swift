import Bridge

/// Why a user may not use a slash command: `commands[].enabled` and `required_role` of slack.yaml.
struct CommandRefusal: Sendable, Hashable {
    /// For the user.
    let reason: String
    /// For the audit log.
    let rule: String

    /// nil when the user may use it.
    init?(_ command: String, for principal: Principal, _ slack: SlackSettings, _ policy: Policy) {
        guard let configured = slack.commands[command] else { return nil }
        if !configured.isEnabled {
            reason = UserMessages.commandDisabled(command)
            rule = "slack.yaml commands \(command) enabled"
        } else if !policy.hasRank(of: configured.requiredRole, principal) {
            let role = configured.requiredRole.map { policy.rules.role(named: $0).displayName } ?? ""
            reason =
                slack.templates.denied?.text([
                    .toolName: command, .serverName: UserMessages.noServer, .requiredRole: Markdown.escape(role),
                    .userRole: Markdown.escape(policy.role(of: principal).displayName),
                    .emoji: slack.behavior.usesEmoji ? ":no_entry:" : "",
                    .errorMessage: UserMessages.commandNeedsRole(command, role),
                ]) ?? UserMessages.commandNeedsRole(command, role)
            rule = "slack.yaml commands \(command) required_role"
        } else {
            return nil
        }
    }
}
