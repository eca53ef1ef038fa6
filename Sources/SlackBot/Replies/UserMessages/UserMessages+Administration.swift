import Analytics
import Bridge

/// Answers of `/omni-admin`.
extension UserMessages {
    static let adminUsage = """
        `/omni-admin list-users [role]`: who is known, and with which role
        `/omni-admin promote-user user role`: gives somebody a higher role
        `/omni-admin demote-user user [role]`: gives somebody a lower role, or that of users who are not named
        `/omni-admin disable-user user`, `enable-user user`: whether I answer somebody
        `/omni-admin view-logs [user] [n]`: the newest questions of everybody or of one user, at most 25
        `/omni-admin reload-config`: reads the configuration files again
        A user is an e-mail or a mention.
        """

    static func needsPermission(_ permission: String) -> String {
        ":no_entry: Your role lacks the permission `\(permission)`. An administrator can do this for you."
    }

    static let administratorsOnly =
        ":no_entry: The audit log is for administrators. `/omni-history` shows your own questions."

    /// - Parameter reason: the rest of the sentence.
    static func notDone(_ reason: String) -> String { ":warning: Not done: \(Markdown.escape(reason))." }

    static func roleChanged(_ member: UserAdministration.Member, before: String) -> String {
        ":white_check_mark: \(Markdown.escape(member.email)) has the role *\(Markdown.escape(member.role))* now, "
            + "before it was *\(Markdown.escape(before))*. It counts from now on, also for questions in progress."
    }

    static func roleUnchanged(_ member: UserAdministration.Member) -> String {
        "\(Markdown.escape(member.email)) has the role *\(Markdown.escape(member.role))* already."
    }

    static func activityChanged(_ member: UserAdministration.Member) -> String {
        let email = Markdown.escape(member.email)
        return member.isActive
            ? ":white_check_mark: \(email) is enabled: I answer them again, with the role *\(Markdown.escape(member.role))*."
            : ":white_check_mark: \(email) is disabled: I answer them nothing, and questions in progress call no tool."
    }

    static func activityUnchanged(_ member: UserAdministration.Member) -> String {
        "\(Markdown.escape(member.email)) is \(member.isActive ? "enabled" : "disabled") already."
    }

    static func users(_ members: [UserAdministration.Member]) -> String {
        guard !members.isEmpty else { return "There is no such user." }
        let lines = members.map { member in
            let state = member.isActive ? "" : " (disabled)"
            return "• \(Markdown.escape(member.email)): \(Markdown.escape(member.role))\(state)"
        }
        return SectionView.list(lines) { "… and \($0) more" }
    }

    /// Rows of the audit log, a line each, with the negative votes on them.
    static func auditLog(_ rows: [AuditRow], _ votes: [Feedback]) -> String {
        guard !rows.isEmpty else { return "The audit log has no such row." }
        let complaints = Dictionary(grouping: votes.filter { $0.vote == .down }, by: \.question.text)
        let lines = rows.map { row in
            var parts = ["\(localTime(row.timestamp)) \(Markdown.escape(row.userEmail)) \(row.status.rawValue)"]
            if let rule = row.blockReason { parts.append("refused by \(inlineCode(rule))") }
            if let id = row.errorID { parts.append("`\(id)`") }
            if !row.toolsUsed.isEmpty { parts.append(row.toolsUsed.prefix(4).map(inlineCode).joined(separator: ", ")) }
            parts.append(row.priceKnown ? "\(row.cost)" : "price unknown")
            if let votes = row.questionID.flatMap({ complaints[$0] }) { parts.append(complaint(votes)) }
            return "\(parts.joined(separator: " · ")) · \(oneLine(row.messagePreview, longest: 100))"
        }
        return SectionView.list(lines) {
            "… and \($0) older ones, which are too long for a message: `omni audit` has them."
        }
    }

    /// With the beginning of the newest comment.
    private static func complaint(_ votes: [Feedback]) -> String {
        let comment = votes.sorted { $0.at > $1.at }.compactMap(\.comment).first
        return "👎 bad answer\(comment.map { ": \(oneLine($0, longest: 60))" } ?? "")"
    }

    static func reloaded(_ outcome: ReloadOutcome) -> String {
        switch outcome.state {
        case .applied:
            ([":white_check_mark: The configuration was reloaded (generation \(outcome.generation))."]
                + outcome.needsRestart.map { "\(inlineCode($0)) needs a restart." }).joined(separator: "\n")
        case .unchanged: "The configuration is unchanged (generation \(outcome.generation))."
        case .rejected: reloadRejected(outcome)
        }
    }
}
