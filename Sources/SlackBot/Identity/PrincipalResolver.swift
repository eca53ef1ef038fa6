import Analytics
import Bridge
import Logging

/// Resolves a Slack user id to a ``Principal``.
struct PrincipalResolver: Sendable {
    /// Result of the resolution.
    enum Outcome: Sendable {
        case known(Principal)
        /// Refused, with the message for the user. A refused user gets no row.
        case refused(String)
    }

    let directory: SlackDirectory
    let live: LiveSettings
    let store: Store
    let installation: Installation
    let logger: Logger

    /// Never throws: when Slack or the store cannot be read the user is refused with a message that says so.
    func principal(slackUser: String, team: String) async -> Outcome {
        let settings = live.current
        let user: SlackUser
        let home: String
        do {
            user = try await directory.user(slackUser, team: team)
            home = try await installation.identity().teamID
            if let reason = refusal(of: user, home: home) { return .refused(reason) }
        } catch {
            logger.warning("A person could not be checked.", metadata: ["error": "\(error)"])
            return .refused(UserMessages.cannotCheck)
        }
        let email = user.email ?? SlackUser.provisionalEmail(slackUser)
        do {
            return try await known(user, of: home, email: email, settings)
        } catch {
            logger.error("A person's row could not be read.", metadata: ["error": "\(error)"])
            return .refused(UserMessages.cannotCheck)
        }
    }

    /// Why the user may not use Omni at all; nil when the user may.
    ///
    /// - Parameter home: id of the bot's own team.
    private func refusal(of user: SlackUser, home: String) -> String? {
        if user.isBot { return UserMessages.bot }
        if user.isDeleted { return UserMessages.deactivated }
        if !user.isMember(of: home) { return UserMessages.stranger }
        if user.isGuest { return UserMessages.guest }
        return nil
    }

    /// Stores the user, as a member of the bot's own team, and applies the configuration and the row. Throws
    /// ``StoreError``.
    private func known(
        _ user: SlackUser, of team: String, email: String, _ settings: Settings
    ) async throws -> Outcome {
        let named =
            settings.users.principal(slackUser: user.id, team: team)
            ?? settings.users.principal(email: email)
        let first = settings.users.principal(email: named?.email ?? email, name: user.name, storeRole: nil)
        let row = try await store.seen(
            SeenUser(
                team: team, slackUserID: user.id, email: first.email, name: first.name, role: first.role,
                roleIsFixed: named != nil, isSuperAdmin: first.isSuperAdmin))
        guard row.isActive else { return .refused(UserMessages.disabled) }
        guard named == nil else { return .known(first) }
        return .known(settings.users.principal(email: email, name: user.name, storeRole: row.role))
    }
}
