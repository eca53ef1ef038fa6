import Analytics
import Bridge
import Logging

/// Turns a Slack id into a principal: the last line that sees one.
struct Identify: Sendable {
    enum Outcome: Sendable {
        case known(Principal)
        /// A polite sentence. Nobody who is refused gets a row.
        case refused(String)
    }

    let directory: SlackDirectory
    let live: LiveSettings
    let record: Record
    let installation: Installation
    let logger: Logger

    /// Never throws: who cannot be checked is refused, and told so.
    func principal(slackUser: String, team: String) async -> Outcome {
        let settings = live.current
        let person: SlackPerson
        do {
            person = try await directory.person(slackUser, team: team)
            let home = try await installation.identity().teamID
            if let reason = refusal(of: person, home: home) { return .refused(reason) }
        } catch {
            logger.warning("A person could not be checked.", metadata: ["error": "\(error)"])
            return .refused(Speech.cannotCheck)
        }
        // A person without an e-mail still has a stable name in the record (decisions, section 2).
        let email = person.email ?? "\(slackUser.lowercased())@slack.invalid"
        do {
            return try await known(person, email: email, settings)
        } catch {
            logger.error("A person's row could not be read.", metadata: ["error": "\(error)"])
            return .refused(Speech.cannotCheck)
        }
    }

    private func refusal(of person: SlackPerson, home: String) -> String? {
        if person.isBot { return Speech.bot }
        if person.isDeleted { return Speech.deactivated }
        if person.isStranger || person.team != home { return Speech.stranger }
        if person.isGuest { return Speech.guest }
        return nil
    }

    private func known(_ person: SlackPerson, email: String, _ settings: Settings) async throws -> Outcome {
        let named =
            settings.people.principal(slackUser: person.id, team: person.team)
            ?? settings.people.principal(email: email)
        let first = settings.people.principal(email: named?.email ?? email, name: person.name, storeRole: nil)
        let row = try await record.seen(
            Sighting(
                team: person.team, slackUserID: person.id, email: first.email, name: first.name, role: first.role,
                roleIsFixed: named != nil, isSuperAdmin: first.isSuperAdmin))
        guard row.isActive else { return .refused(Speech.disabled) }
        guard named == nil else { return .known(first) }
        return .known(settings.people.principal(email: email, name: person.name, storeRole: row.role))
    }
}
