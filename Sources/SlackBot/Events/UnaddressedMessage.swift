/// A message in a channel's thread that does not name the bot.
struct UnaddressedMessage: Sendable, Hashable {
    /// What it is if it is for Omni.
    let question: SlackQuestion
    /// It has words, mentions no other user, and is an ordinary message.
    let mayBeForOmni: Bool
    /// It counts as a message of the thread, and so ends the exchange between Omni and the asker.
    let isTalk: Bool
}
