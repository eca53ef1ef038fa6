/// `mentions.reaction_triggers` of slack.yaml: which reactions ask about the message under them.
struct ReactionTriggers: Sendable, Hashable {
    /// The words of the original that stand for a question of Omni's own.
    enum Action: String, Sendable, Hashable, CaseIterable { case analyze, search, visualize }

    var isEnabled = false
    /// What a reaction asks, by its name without colons.
    var questions = ["eyes": Action.analyze, "mag": .search, "chart": .visualize].mapValues(UserMessages.asked)

    /// The question that the reaction asks; nil when it asks none. Its skin tone does not matter.
    ///
    /// - Parameter reaction: as Slack names it, `wave::skin-tone-2`.
    func question(_ reaction: String) -> String? {
        guard isEnabled else { return nil }
        return questions[reaction]
            ?? reaction.firstRange(of: "::").flatMap { questions[String(reaction[..<$0.lowerBound])] }
    }
}
