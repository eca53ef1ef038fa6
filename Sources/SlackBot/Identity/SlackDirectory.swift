import Bridge
import Foundation

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

    private let askUser: LookUp
    private let askChannel: LookUp
    private let fresh: Duration
    private let usable: Duration
    private var users: AgedCache<SlackUser>
    private var channels: AgedCache<SlackChannel>
    /// The names under which each channel was seen in the life of this process: no more channels than the workspace has.
    private var names: [String: Set<String>] = [:]
    private var pending: [String: Pending] = [:]

    /// - Parameter fresh: for so long Slack is not asked again.
    init(api: SlackAPI, fresh: Duration = .seconds(3600)) {
        self.init(
            fresh: fresh, askUser: { try await api.userInfo($0) }, askChannel: { try await api.conversationInfo($0) })
    }

    /// - Parameters:
    ///   - usable: for so long what was known counts when Slack cannot be asked.
    ///   - capacity: of users, and of channels; the least recently used one is removed.
    init(
        fresh: Duration = .seconds(3600), usable: Duration = .seconds(86_400), capacity: Int = 10_000,
        askUser: @escaping LookUp, askChannel: @escaping LookUp
    ) {
        self.fresh = fresh
        self.usable = usable
        self.askUser = askUser
        self.askChannel = askChannel
        users = AgedCache(capacity: capacity)
        channels = AgedCache(capacity: capacity)
    }

    /// Throws ``SlackError`` when Slack cannot be asked and no answer of the last day is cached.
    func user(_ id: String, team: String) async throws -> SlackUser {
        let key = "\(team):\(id)"
        if let known = users.value(of: key, within: fresh) { return known }
        do {
            return try await ask(id, team: team, key)
        } catch {
            if let known = users.value(of: key, within: usable) { return known }
            throw error
        }
    }

    /// An answer may be older than a `user_change` that came while it was under way, and is not kept then.
    private func ask(_ id: String, team: String, _ key: String) async throws -> SlackUser {
        pending[key, default: Pending()].lookUps += 1
        defer {
            pending[key]?.lookUps -= 1
            if pending[key]?.lookUps == 0 { pending[key] = nil }
        }
        var attempt = 1
        while true {
            let changes = pending[key]?.changes
            let user = SlackUser(try await askUser(id), id: id, team: team)
            if pending[key]?.changes == changes {
                users.keep(user, for: key)
                return user
            }
            if attempt == Self.attempts { return user }
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
        users.forget(key)
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
