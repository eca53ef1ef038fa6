/// The commands in messages, each answered after the acknowledgement.
struct ThreadCommands: Sendable {
    let commands: SlashCommandListener
    let retry: RetryCommand
    let stops: ThreadStops

    /// Never waits.
    func answer(_ command: ThreadCommand, _ message: SlackQuestion) {
        switch command {
        case .help(let topic):
            commands.answer(.help, SlackCommand(.help, of: message, text: topic, thread: message.threadTS))
        case .retry: retry.answer(message)
        case .stop:
            let place = ThreadStops.Place(team: message.team, channel: message.channel, thread: message.threadTS)
            // The rules of `/omni` are no reason to leave a question running that was asked with a mention.
            commands.answer(nil, SlackCommand(.ask, of: message, thread: message.threadTS)) {
                SectionView.message(await stops.stop(in: place, by: message.user, $0))
            }
        }
    }
}
