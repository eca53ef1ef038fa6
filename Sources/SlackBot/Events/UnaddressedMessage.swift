/// A message in a channel's thread that does not name the bot.
struct UnaddressedMessage: Sendable, Hashable {
    /// What it is if it is for Omni.
    let question: SlackQuestion
    /// It has words, names nobody else, and is an ordinary message.
    let mayBeForOmni: Bool
    /// It is more than a reaction: whoever spoke before was interrupted.
    let isTalk: Bool
}
