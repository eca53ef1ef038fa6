/// A message in a thread of a channel that does not mention the bot.
struct UnaddressedMessage: Sendable, Hashable {
    /// The question that it is if it is for Omni.
    let question: SlackQuestion
    /// It has words, or files and nothing else; it mentions no user or group, and has no subtype but that of a message
    /// with files.
    let mayBeForOmni: Bool
    /// It is more than a reaction: the messages after it may respond to it instead of Omni's answer.
    let isTalk: Bool
}
