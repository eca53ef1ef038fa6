import Bridge

/// Texts of a question that asks its asker back.
extension UserMessages {
    static let cancelChoice = "Cancel the question"

    static let waitsForChoice = ":raised_hand: I need to know one thing first: please choose below."

    /// - Parameter message: what was asked, escaped.
    static func choiceEnded(_ message: String, _ answer: InputAnswer) -> String {
        switch answer {
        case .chosen(let text, _): "\(message)\n:white_check_mark: \(Markdown.escape(text))"
        case .expired: "\(message)\n:hourglass: Nobody chose in time."
        case .cancelled: "\(message)\n:x: Cancelled."
        }
    }

    static let choiceOver = "This was already answered, or the question has gone on without it."
    static let choiceNotYours = "Only the person who asked the question can choose."
    static let choiceNotStored = "Your choice could not be stored. Please press the button again in a moment."
}
