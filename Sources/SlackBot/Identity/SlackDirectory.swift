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
    /// How Slack is asked: an id in, `user` or `channel` of its answer out.
    typealias LookUp = @Sendable (String) async throws -> JSONValue

    /// A look-up that is under way: how many wait for it, and how often what it asks for has changed meanwhile.
    private struct Pending {
        var lookUps = 0
        var changes = 0
    }

    /// A look-up during which the person changes is made again, at most this often.
    private static let attempts = 3

    private let askPerson: LookUp
    private let askChannel: LookUp
    private let fresh: Duration
    private let usable: Duration
    private var people: AgedCache<SlackPerson>
    private var channels: AgedCache<SlackChannel>
    /// The names under which each channel was seen in the life of this process: no more channels than the workspace has.
    private var names: [String: Set<String>] = [:]
    private var pending: [String: Pending] = [:]

    /// - Parameter fresh: for so long Slack is not asked again.
    init(api: SlackAPI, fresh: Duration = .seconds(3600)) {
        self.init(
            fresh: fresh, askPerson: { try await api.userInfo($0) }, askChannel: { try await api.conversationInfo($0) })
    }

    /// - Parameters:
    ///   - usable: for so long what was known counts when Slack cannot be asked.
    ///   - capacity: of people, and of channels; the one that was asked for longest ago makes room.
    init(
        fresh: Duration = .seconds(3600), usable: Duration = .seconds(86_400), capacity: Int = 10_000,
        askPerson: @escaping LookUp, askChannel: @escaping LookUp
    ) {
        self.fresh = fresh
        self.usable = usable
        self.askPerson = askPerson
        self.askChannel = askChannel
        people = AgedCache(capacity: capacity)
        channels = AgedCache(capacity: capacity)
    }

    /// Throws ``SlackError`` when Slack cannot be asked and nobody was seen within a day.
    func person(_ id: String, team: String) async throws -> SlackPerson {
        let key = "\(team):\(id)"
        if let known = people.value(of: key, within: fresh) { return known }
        do {
            return try await ask(id, team: team, key)
        } catch {
            if let known = people.value(of: key, within: usable) { return known }
            throw error
        }
    }

    /// An answer may be older than a `user_change` that came while it was under way, and is not kept then.
    private func ask(_ id: String, team: String, _ key: String) async throws -> SlackPerson {
        pending[key, default: Pending()].lookUps += 1
        defer {
            pending[key]?.lookUps -= 1
            if pending[key]?.lookUps == 0 { pending[key] = nil }
        }
        var attempt = 1
        while true {
            let changes = pending[key]?.changes
            let person = SlackPerson(try await askPerson(id), id: id, team: team)
            if pending[key]?.changes == changes {
                people.keep(person, for: key)
                return person
            }
            if attempt == Self.attempts { return person }
            attempt += 1
        }
    }

    /// nil when Slack does not tell, and did not within a day: the bot is not in the conversation, or Slack cannot be
    /// asked.
    func channel(_ id: String) async -> SlackChannel? {
        if let known = channels.value(of: id, within: fresh) { return known }
        do {
            let channel = SlackChannel(try await askChannel(id), id: id)
            channels.keep(channel, for: id)
            if let name = channel.name { names[id, default: []].insert(name) }
            return channel
        } catch {
            return channels.value(of: id, within: usable)
        }
    }

    /// What a channel was called before it had this name, as far as this process has seen it: a new name must not lift the
    /// rules that were written for the old one.
    func formerNames(of id: String, now name: String?) -> Set<String> {
        (names[id] ?? []).subtracting([name].compactMap { $0 })
    }

    /// A `user_change` event: what was known of them is void, and so is an answer that is under way.
    func forget(_ id: String, team: String) {
        let key = "\(team):\(id)"
        people.forget(key)
        pending[key]?.changes += 1
    }
}

/// Values with the time at which they were fetched; at most `capacity` of them.
private struct AgedCache<Value> {
    private struct Entry {
        let value: Value
        let fetched: ContinuousClock.Instant
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]

    init(capacity: Int) { self.capacity = capacity }

    /// nil when there is none, or only one that is that old or older.
    func value(of key: String, within age: Duration) -> Value? {
        guard let entry = entries[key], ContinuousClock.now - entry.fetched < age else { return nil }
        return entry.value
    }

    mutating func keep(_ value: Value, for key: String) {
        // Each new value has cost a call of Slack, beside which a walk over all entries is nothing.
        if entries[key] == nil, entries.count >= capacity,
            let oldest = entries.min(by: { $0.value.fetched < $1.value.fetched })
        {
            entries[oldest.key] = nil
        }
        entries[key] = Entry(value: value, fetched: .now)
    }

    mutating func forget(_ key: String) { entries[key] = nil }
}
