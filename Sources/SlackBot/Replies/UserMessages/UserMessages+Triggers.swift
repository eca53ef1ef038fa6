/// Texts of questions about a message: by a reaction, and by the message shortcut.
extension UserMessages {
    /// What a reaction asks about the message under it.
    static func asked(_ action: ReactionTriggers.Action) -> String {
        switch action {
        case .analyze: "Analyze this message: what does it mean, what is the likely cause, and what should be done?"
        case .search: "Search for what is known about the subject of this message, and sum it up."
        case .visualize: "Show the figures that this message is about as a chart, or as a table if there is no chart."
        }
    }

    /// The modal of the message shortcut; `name` is the bot's.
    static func askAbout(_ name: String) -> String { "Ask \(name)" }
    static let ask = "Ask"
    static let cancel = "Cancel"
    static let yourQuestion = "Your question about this message"
    static let questionExample = "What is the cause of this?"
    static let questionMissing = "Please write what you want to know."

    /// To the user, when the modal could not be opened.
    static let modalNotOpened = "I could not open the form in time. Please try again, or mention me in the thread."

    /// To the asker of a question about a message.
    static let messageNotRead = """
        I cannot read that message: it was deleted, or I am not in this conversation. If it is still there, forward it to \
        me in a direct message.
        """
}
