import Bridge
import Foundation

/// A person as `users.info` describes them; missing flags are false (docs.slack.dev, user object).
struct SlackPerson: Sendable, Hashable {
    let id: String
    let team: String
    let name: String
    /// Lower-cased and confirmed; nil when Slack gives none.
    let email: String?
    let isBot: Bool
    let isDeleted: Bool
    let isGuest: Bool
    let isStranger: Bool

    init(_ user: JSONValue, id: String, team: String) {
        self.id = id
        self.team = user["team_id"]?.string ?? user["profile"]?["team"]?.string ?? team
        let names = [user["profile"]?["real_name"], user["real_name"], user["profile"]?["display_name"], user["name"]]
        name = names.compactMap { $0?.string }.first { !$0.isEmpty } ?? id
        let isConfirmed = user["is_email_confirmed"]?.bool ?? true
        email = isConfirmed ? user["profile"]?["email"]?.string?.lowercased() : nil
        // Slackbot's own flag is false.
        isBot = user["is_bot"]?.bool ?? false || user["is_app_user"]?.bool ?? false || id == "USLACKBOT"
        isDeleted = user["deleted"]?.bool ?? false
        isGuest = user["is_restricted"]?.bool ?? false
        isStranger = user["is_stranger"]?.bool ?? false
    }
}

/// A conversation as `conversations.info` describes it.
struct SlackChannel: Sendable, Hashable {
    let id: String
    let name: String?
    let isDirect: Bool
    let isPrivate: Bool

    init(_ channel: JSONValue, id: String) {
        self.id = id
        name = channel["name"]?.string
        isDirect = channel["is_im"]?.bool ?? false
        isPrivate = channel["is_private"]?.bool ?? false
    }

    /// The `channel_name` of a slash command, unless it is one of the words that Slack puts in its place in private
    /// channels and direct messages.
    static func name(ofCommand name: String?) -> String? {
        name == "privategroup" || name == "directmessage" ? nil : name
    }
}

/// Remembers who and what Slack's ids mean: an hour, and a day when Slack cannot be asked.
actor SlackDirectory {
    private struct Entry<Value> {
        let value: Value
        let fetched: ContinuousClock.Instant
    }

    private static let usable = Duration.seconds(86_400)

    private let api: SlackAPI
    private let fresh: Duration
    private let clock = ContinuousClock()
    private var people: [String: Entry<SlackPerson>] = [:]
    private var channels: [String: Entry<SlackChannel>] = [:]

    /// - Parameter fresh: for so long Slack is not asked again.
    init(api: SlackAPI, fresh: Duration = .seconds(3600)) {
        self.api = api
        self.fresh = fresh
    }

    /// Throws ``SlackError`` when Slack cannot be asked and nobody was seen within a day.
    func person(_ id: String, team: String) async throws -> SlackPerson {
        let key = "\(team):\(id)"
        if let entry = people[key], clock.now - entry.fetched < fresh { return entry.value }
        do {
            let person = SlackPerson(try await api.userInfo(id), id: id, team: team)
            people[key] = Entry(value: person, fetched: clock.now)
            return person
        } catch {
            if let entry = people[key], clock.now - entry.fetched < Self.usable { return entry.value }
            throw error
        }
    }

    /// nil when Slack does not tell, and did not within a day: the bot is not in the conversation, or Slack cannot be
    /// asked.
    func channel(_ id: String) async -> SlackChannel? {
        if let entry = channels[id], clock.now - entry.fetched < fresh { return entry.value }
        do {
            let channel = SlackChannel(try await api.conversationInfo(id), id: id)
            channels[id] = Entry(value: channel, fetched: clock.now)
            return channel
        } catch {
            guard let entry = channels[id], clock.now - entry.fetched < Self.usable else { return nil }
            return entry.value
        }
    }

    /// A `user_change` event: what was known of them is void.
    func forget(_ id: String, team: String) { people["\(team):\(id)"] = nil }
}
