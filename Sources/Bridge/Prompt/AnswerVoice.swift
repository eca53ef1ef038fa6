/// How answers speak.
package struct AnswerVoice: Sendable, Hashable {
    /// The tone of answers.
    package enum Style: String, Sendable, Hashable, CaseIterable { case conversational, technical, minimal }

    /// The name by which the model speaks of itself.
    package var name = "Omni"
    package var style = Style.conversational
    /// Whether an answer may have emoji.
    package var usesEmoji = true

    /// The defaults.
    package init() {}

    /// What the voice adds to the rules; empty for the defaults.
    var rule: String {
        [styleRule, usesEmoji ? "" : "Write no emoji."].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private var styleRule: String {
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
