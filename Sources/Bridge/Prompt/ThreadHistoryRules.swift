/// How much of a thread's history is included, by place.
package struct ThreadHistoryRules: Sendable, Hashable {
    /// For all places but direct messages.
    package var threads = ThreadHistoryLimits()
    /// For direct messages.
    package var direct = ThreadHistoryLimits()
    /// By a channel's id, or its name without `#`: overrides `isEnabled` for that channel.
    package var channels: [String: Bool] = [:]

    package init() {}

    /// The limits for the place; nil when no history is included. Unless a rule has the place's id, also nil when it is
    /// unknown whether a rule with a channel's name applies (``ChannelRule/isUncheckable(in:)``), and when a rule
    /// disables one of the channel's earlier names.
    package func limits(in place: Place) -> ThreadHistoryLimits? {
        var limits = place.isDirectMessage ? direct : threads
        let isNamed = place.channel.map { channels[$0] != nil } ?? false
        if !isNamed, channels.keys.contains(where: { ChannelRule.isUncheckable($0, in: place) }) { return nil }
        if !isNamed, place.formerNames.contains(where: { channels[$0] == false }) { return nil }
        let names = [place.channel, place.channelName].compactMap { $0 }
        if let isEnabled = names.lazy.compactMap({ channels[$0] }).first { limits.isEnabled = isEnabled }
        return limits.isEnabled && limits.turns > 0 ? limits : nil
    }
}

/// The limits of the history of one question.
package struct ThreadHistoryLimits: Sendable, Hashable {
    package var isEnabled = true
    /// The number of earlier questions with their answers.
    package var turns = 10
    /// The number of tokens of the whole history, by ``TokenEstimate``.
    package var tokens = 8_000

    package init() {}
}
