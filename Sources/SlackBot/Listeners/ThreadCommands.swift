import Bridge

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
        case .retry: answer(message) { await retry.answer(message, by: $0) }
        case .stop:
            let place = ThreadStops.Place(team: message.team, channel: message.channel, thread: message.threadTS)
            answer(message) { SectionView.message(await stops.stop(in: place, by: message.user, $0)) }
        }
    }

    /// For every user that Omni knows: the rules of `/omni` do not apply to a question that was asked with a mention.
    private func answer(_ message: SlackQuestion, with answer: @escaping @Sendable (Principal) async -> SlackMessage?) {
        commands.answer(nil, SlackCommand(.ask, of: message, thread: message.threadTS), with: answer)
    }
}
