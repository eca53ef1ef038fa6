/// How much of a thread is recalled, by place.
package struct ThreadHistoryRules: Sendable, Hashable {
    package var threads = ThreadHistoryLimits()
    package var direct = ThreadHistoryLimits()
    /// By a channel's id, or its name without `#`: whether its threads are recalled, whatever `threads` says of that.
    package var channels: [String: Bool] = [:]

    package init() {}

    /// nil when nothing is recalled there: also where it cannot be told whether a rule that names a channel is meant for
    /// the place (``ChannelRule/isUncheckable(in:)``), unless another rule has the place's id.
    func limits(in place: Place) -> ThreadHistoryLimits? {
        var limits = place.isDirectMessage ? direct : threads
        let isNamed = place.channel.map { channels[$0] != nil } ?? false
        if !isNamed, channels.keys.contains(where: { ChannelRule.isUncheckable($0, in: place) }) { return nil }
        if !isNamed, place.formerNames.contains(where: { channels[$0] == false }) { return nil }
        let names = [place.channel, place.channelName].compactMap { $0 }
        if let isEnabled = names.lazy.compactMap({ channels[$0] }).first { limits.isEnabled = isEnabled }
        return limits.isEnabled && limits.turns > 0 ? limits : nil
    }
}

/// The bounds of what is recalled for one question.
package struct ThreadHistoryLimits: Sendable, Hashable {
    package var isEnabled = true
    /// Earlier questions with their answers.
    package var turns = 10
    /// Tokens of all that is recalled, by ``TokenEstimate``.
    package var tokens = 8_000

    package init() {}
}
