import Bridge

/// `reaction_added`: a configured reaction is a question about the message under it.
struct ReactionListener: Listener {
    let installation: Installation
    let acceptor: QuestionAcceptor
    let live: LiveSettings

    let keys = [ListenerKey.event("reaction_added")]

    /// Throws as ``MessageListener``.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let triggers = live.current.slack.mentions.reactions
        guard triggers.isEnabled else { return .empty }
        let bot = try await installation.identity()
        if let question = SlackQuestion(reaction: envelope.payload, bot: bot, triggers) {
            try await acceptor.receive(question, retryAttempt: envelope.retryAttempt)
        }
        return .empty
    }
}
