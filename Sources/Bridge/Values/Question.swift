package import Foundation

/// One request of one user.
package struct Question: Sendable {
    /// Identifies the question in the store and the log; ``ULID/errorID`` is made from it.
    package let id: ULID
    package let asker: Principal
    package let text: String
    package let place: Place
    /// Identifies the thread. Questions of one thread are answered one after the other, and a later one receives the
    /// earlier ones as history.
    package let threadKey: String
    /// Whether this is the first message of its thread, so that there is no history to read.
    package let beginsThread: Bool
    package let kind: Kind
    /// When the user sent it.
    package let askedAt: Date
    /// The messages that the asker forwarded with it, in their order.
    package let quotes: [QuotedMessage]
    /// What people wrote in the thread; nil when that was not read.
    package var transcript: ThreadTranscript?
    /// The files of the question and of the messages that it quotes, then those of its thread, the newest first. Read for
    /// each attempt; the store has only their names.
    package var attachments: [AttachedFile] = []
    /// The call that the question consists of; nil when a model answers it.
    package var call: NamedToolCall?

    /// How the question was asked; the raw value is `request_type` in the audit log.
    package enum Kind: String, Sendable, Hashable {
        case chat, command, tool, mcp, scheduled
    }

    package init(
        id: ULID = ULID(), asker: Principal, text: String, place: Place, threadKey: String, beginsThread: Bool = false,
        kind: Kind = .chat, askedAt: Date = Date(), quotes: [QuotedMessage] = [], transcript: ThreadTranscript? = nil,
        call: NamedToolCall? = nil
    ) {
        self.id = id
        self.asker = asker
        self.text = text
        self.place = place
        self.threadKey = threadKey
        self.beginsThread = beginsThread
        self.kind = kind
        self.askedAt = askedAt
        self.quotes = quotes
        self.transcript = transcript
        self.call = call
    }
}

/// Where a question was asked, as far as the policy depends on it.
package struct Place: Sendable, Hashable {
    /// The entry point that received the question; the raw value is stored.
    package enum EntryPoint: String, Sendable, Hashable { case slack, http, cli, schedule }

    package let entryPoint: EntryPoint
    /// The id of the channel or direct message; nil when the question belongs to none. A channel rule names the id or
    /// the name.
    package let channel: String?
    /// The channel's name without `#`; nil when it has none or it is not known.
    package let channelName: String?
    /// Whether the place is not a channel: a direct message, HTTP without a channel, or the command line.
    package let isDirect: Bool
    /// The channel's known earlier names: a rule for such a name still applies.
    package let formerNames: Set<String>

    package init(
        entryPoint: EntryPoint, channel: String? = nil, channelName: String? = nil, isDirect: Bool = false,
        formerNames: Set<String> = []
    ) {
        self.entryPoint = entryPoint
        self.channel = channel
        self.channelName = channelName
        self.isDirect = isDirect
        self.formerNames = formerNames
    }

    /// Whether this is a direct message in Slack; HTTP and the command line are direct but not direct messages.
    package var isDirectMessage: Bool { isDirect && entryPoint == .slack }

    /// Whether the asker can be asked back while the question waits (``Wait``).
    package var canAskBack: Bool { entryPoint == .slack }

    /// The place of questions from the command line.
    package static let commandLine = Place(entryPoint: .cli, isDirect: true)
}

/// A tool call as a user names it, without a model.
package struct NamedToolCall: Sendable, Hashable {
    package let tool: ToolName
    /// An object.
    package let arguments: JSONValue

    package init(_ tool: ToolName, arguments: JSONValue) {
        self.tool = tool
        self.arguments = arguments
    }
}
