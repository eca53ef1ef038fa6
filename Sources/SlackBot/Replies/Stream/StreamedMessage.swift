/// A message of a streamed answer: which part of the answer it shows.
struct StreamedMessage: Sendable, Hashable {
    let ts: String
    /// Opens a code block again that the message before it had to close.
    var opening: String
    /// The text of the answer in it, as the model wrote it.
    var raw = ""
    /// Closes a code block that goes on in the next message.
    var closing = ""
    /// False when it may lack text of `raw`, or shows text that is no part of the answer: it has to be edited.
    var isExact = true
    /// False once it is certain that Slack has ended the stream.
    var isOpen = true

    /// Its text is no part of the answer.
    mutating func supersede() { (opening, raw, closing, isExact) = ("", "", "", false) }

    /// The Markdown that it has to show; empty when it shows cards only.
    var markdown: String { raw.isEmpty ? "" : opening + raw + closing }
}

/// What is left to do when an answer has ended. The answer is the text of the messages in their order, then `rest`.
struct StreamEnding: Sendable, Hashable {
    /// chat.stopStream with the last text.
    struct Stop: Sendable, Hashable {
        let ts: String
        let chunks: [StreamChunk]
    }

    /// All messages in their order. The text of `stop` counts as shown. The stream of a message that `stop` does not
    /// name may still be open.
    var messages: [StreamedMessage]
    /// How the last message ends; nil when no stream can be continued.
    var stop: Stop?
    /// Opens a code block again before `rest`.
    var reopening = ""
    /// The text that no message shows.
    var rest: String
    /// Whether a further message may exist whose ts is not known.
    var mayHaveStarted: Bool
    /// The most text of a further message in UTF-16 units.
    var mostText = MarkdownParts.limit

    /// The Markdown of the further messages.
    var furtherMarkdown: String { rest.isEmpty ? "" : reopening + rest }
}
