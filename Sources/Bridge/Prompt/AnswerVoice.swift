/// How answers speak.
package struct AnswerVoice: Sendable, Hashable {
    /// The tone of answers.
    package enum Style: String, Sendable, Hashable, CaseIterable { case conversational, technical, minimal }

    /// The name by which the model speaks of itself.
    package var name = "Omni"
    package var style = Style.conversational

    /// The defaults.
    package init() {}

    /// What the style adds to the rules; empty for a conversation.
    var rule: String {
        switch style {
        case .conversational: ""
        case .technical:
            """
            Write for engineers: exact terms, identifiers, values and units; commands, queries and plans in code \
            blocks; no explanation of what an engineer knows.
            """
        case .minimal:
            """
            Write the finding alone, in at most three sentences or one short table; evidence and details only when \
            they are asked for.
            """
        }
    }
}
