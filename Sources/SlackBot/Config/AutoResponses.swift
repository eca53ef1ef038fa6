import Bridge

/// `advanced.auto_responses` of slack.yaml: messages in channels that are answered although they do not address Omni.
struct AutoResponses: Sendable, Hashable {
    /// What is answered, and how.
    struct Entry: Sendable, Hashable {
        /// In lower case; matched against the whole message.
        let pattern: Glob
        /// The answer, in mrkdwn; nil: the message is a question to Omni.
        let response: String?
        /// Ids, or names without `#`; nil: all channels.
        let channels: Set<String>?

        /// Whether the entry is for the channel; a name that is not known (nil) is none of its names.
        func isFor(channel: String, name: String?) -> Bool {
            channels.map { $0.contains(channel) || name.map($0.contains) ?? false } ?? true
        }

        /// Whether it depends on the channel's name.
        var namesChannels: Bool { channels?.contains(where: ChannelRule.isName) ?? false }
    }

    /// In their order, of which the first counts; empty when they are switched off.
    var entries: [Entry] = []

    /// The entries whose pattern the message matches, in any case of letters.
    func matching(_ text: String) -> [Entry] {
        guard !entries.isEmpty else { return [] }
        let text = text.lowercased()
        return entries.filter { $0.pattern.matches(text) }
    }
}
