/// Answers of `/omni-admin`.
extension UserMessages {
    static let adminUsage = """
        `/omni-admin list-users [role]`: who is known, and with which role
        `/omni-admin promote-user e-mail role`: gives somebody a role
        `/omni-admin reload-config`: reads the configuration files again
        """

    static func needsPermission(_ permission: String) -> String {
        ":no_entry: Your role lacks the permission `\(permission)`."
    }

    /// - Parameter reason: the rest of the sentence.
    static func notDone(_ reason: String) -> String { ":warning: Not done: \(Markdown.escape(reason))." }

    static func roleChanged(_ member: UserAdministration.Member) -> String {
        ":white_check_mark: \(Markdown.escape(member.email)) has the role *\(Markdown.escape(member.role))* now."
    }

    /// At most 100 users.
    static func users(_ members: [UserAdministration.Member]) -> String {
        guard !members.isEmpty else { return "Nobody." }
        let lines = members.prefix(100).map { member in
            let state = member.isActive ? "" : " (switched off)"
            return "• \(Markdown.escape(member.email)): \(Markdown.escape(member.role))\(state)"
        }
        let more = members.count > lines.count ? ["… and \(members.count - lines.count) more"] : []
        return (lines + more).joined(separator: "\n")
    }

    static func reloaded(_ outcome: ReloadOutcome) -> String {
        switch outcome.state {
        case .applied: ":white_check_mark: The configuration was reloaded (generation \(outcome.generation))."
        case .unchanged: "The configuration is unchanged (generation \(outcome.generation))."
        case .rejected: reloadRejected(outcome)
        }
    }
}
