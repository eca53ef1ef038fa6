import Bridge
import Foundation

/// Cache of users and channels by Slack id: fresh for an hour, and usable for a day while Slack cannot be reached.
actor SlackDirectory {
    /// A call of Slack: takes an id, returns `user` or `channel` of the response.
    typealias LookUp = @Sendable (String) async throws -> JSONValue

    /// Look-ups of one user in flight: how many, and how many `user_change` events came meanwhile.
    private struct Pending {
        var lookUps = 0
        var changes = 0
    }

    /// Attempts of a look-up that a `user_change` made out of date.
    private static let attempts = 3

    private let askUser: LookUp
    private let askChannel: LookUp
    private let fresh: Duration
    private let usable: Duration
    private var users: AgedCache<SlackUser>
    private var channels: AgedCache<SlackChannel>
    /// The names of each channel that this process has seen; bounded by the channels of the workspace.
    private var names: [String: Set<String>] = [:]
    private var pending: [String: Pending] = [:]

    /// - Parameter fresh: how long a cached value is used without a call.
    init(api: SlackAPI, fresh: Duration = .seconds(3600)) {
        self.init(
            fresh: fresh, askUser: { try await api.userInfo($0) }, askChannel: { try await api.conversationInfo($0) })
    }

    /// - Parameters:
    ///   - usable: how long a cached value is used when the call fails.
    ///   - capacity: maximum number of users, and of channels; the one fetched longest ago is evicted.
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

    /// The user of that id. Throws ``SlackError`` when the call fails and no value of the last day is cached.
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

    /// Calls Slack. A response may be older than a `user_change` event that came during the call, and is not cached
    /// then.
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

    /// The channel of that id. nil when the call fails, because the bot is not in the conversation or Slack cannot be
    /// reached, and no value of the last day is cached.
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

    /// A channel as a place, with the names that rules may be written for.
    func place(_ entryPoint: Place.EntryPoint = .slack, in channel: String, isDirect: Bool) async -> Place {
        let name = await self.channel(channel)?.name
        return Place(
            entryPoint: entryPoint, channel: channel, channelName: name, isDirect: isDirect,
            formerNames: formerNames(of: channel, now: name))
    }

    /// The names that this process has seen of a channel, without `name`: renaming a channel must not lift the rules
    /// written for its old name.
    func formerNames(of id: String, now name: String?) -> Set<String> {
        (names[id] ?? []).subtracting([name].compactMap { $0 })
    }

    /// Handles a `user_change` event: drops the cached user, and has a call in flight repeated.
    func forget(_ id: String, team: String) {
        let key = "\(team):\(id)"
        users.forget(key)
        pending[key]?.changes += 1
    }
}

/// Values with their fetch time; at most `capacity` of them.
private struct AgedCache<Value> {
    private struct Entry {
        let value: Value
        let fetched: ContinuousClock.Instant
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]

    init(capacity: Int) { self.capacity = capacity }

    /// nil when there is none that is younger than `age`.
    func value(of key: String, within age: Duration) -> Value? {
        guard let entry = entries[key], ContinuousClock.now - entry.fetched < age else { return nil }
        return entry.value
    }

    mutating func keep(_ value: Value, for key: String) {
        // Each new value costs a call of Slack, so a linear search is cheap beside it.
        if entries[key] == nil, entries.count >= capacity,
            let oldest = entries.min(by: { $0.value.fetched < $1.value.fetched })
        {
            entries[oldest.key] = nil
        }
        entries[key] = Entry(value: value, fetched: .now)
    }

    mutating func forget(_ key: String) { entries[key] = nil }
}
