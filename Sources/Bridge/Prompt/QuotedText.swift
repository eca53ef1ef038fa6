import Foundation

/// What other people wrote, as it stands in the prompt before the question: the messages that the asker forwarded, and
/// those of the thread. Each is in a tag with its author.
struct QuotedText: Sendable {
    /// Ends with an empty line; empty when there is nothing to quote.
    let text: String
    /// What the model is told of messages that are missing; empty when none is.
    let note: String

    /// - Parameters:
    ///   - thread: nil when the thread was not read.
    ///   - units: what the messages of the thread may take, by ``TokenEstimate``. Its first message is included
    ///     in any case, cut to a share, then the newest ones that fit.
    init(forwarded: [QuotedMessage] = [], thread: ThreadTranscript? = nil, within units: Int = 0) {
        let (blocks, leftOut) = Self.blocks(of: thread?.messages ?? [], within: units)
        var parts: [String] = []
        if !blocks.isEmpty {
            parts.append("What people wrote in this thread before you were asked, oldest first:")
            parts += blocks
        }
        if !forwarded.isEmpty {
            parts.append("Forwarded by the person who asks:")
            parts += forwarded.map { Self.wrap($0, text: $0.text.isBlank ? "(no text)" : $0.text) }
        }
        text = parts.isEmpty ? "" : parts.joined(separator: "\n\n") + "\n\n"
        var notes: [String] = []
        if leftOut > 0 { notes.append("(\(leftOut) messages of the thread after its first one left out.)") }
        if thread?.isComplete == false {
            notes.append("The thread's newest messages could not be read; say so if it matters.")
        }
        note = notes.joined(separator: " ")
    }

    private static func blocks(
        of messages: [QuotedMessage], within units: Int
    ) -> (blocks: [String], leftOut: Int) {
        guard let first = messages.first else { return ([], 0) }
        let share = max(units / 8, 60 * TokenEstimate.unitsPerToken)
        func block(_ message: QuotedMessage) -> String {
            let text = message.text.isBlank ? "(no text)" : message.text
            return wrap(message, text: TokenEstimate.cut(text, to: share))
        }
        let opening = block(first)
        let separator = TokenEstimate.unitsPerToken
        var left = units - TokenEstimate.units(of: opening) - separator
        var newest: [String] = []
        for message in messages.dropFirst().reversed() {
            let wrapped = block(message)
            left -= TokenEstimate.units(of: wrapped) + separator
            guard left >= 0 else { break }
            newest.append(wrapped)
        }
        return ([opening] + newest.reversed(), messages.count - 1 - newest.count)
    }

    /// A message in its tag, with its author and, where known, its channel and time.
    ///
    /// - Parameter text: stands for the message's own text, which may be too long.
    static func wrap(_ message: QuotedMessage, text: String) -> String {
        let author = AskerLabel.plain(message.author.isBlank ? "unknown" : message.author)
        let account = message.account.map { " (\(AskerLabel.plain($0)))" } ?? ""
        var attributes = "from=\"\(author)\(account)\""
        if let place = message.place { attributes += " in=\"\(AskerLabel.plain(place))\"" }
        if let sentAt = message.sentAt { attributes += " at=\"\(sentAt.formatted(.iso8601))\"" }
        return UntrustedText.wrap(text, quotedWith: attributes)
    }
}
