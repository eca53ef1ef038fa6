package import Foundation

/// One request of one person.
package struct Question: Sendable {
    package let id: ULID
    package let asker: Principal
    package let text: String
    package let place: Place
    /// Questions of one thread are answered in order and remember each other.
    package let threadKey: String
    /// Nothing was said in the thread before, so there is nothing to remember.
    package let beginsThread: Bool
    package let kind: Kind
    package let askedAt: Date

    /// `request_type` in the record.
    package enum Kind: String, Sendable, Hashable {
        case chat, command, tool, mcp, scheduled
    }

    package init(
        id: ULID = ULID(), asker: Principal, text: String, place: Place, threadKey: String, beginsThread: Bool = false,
        kind: Kind = .chat, askedAt: Date = Date()
    ) {
        self.id = id
        self.asker = asker
        self.text = text
        self.place = place
        self.threadKey = threadKey
        self.beginsThread = beginsThread
        self.kind = kind
        self.askedAt = askedAt
    }
}

/// Where a question was asked, as far as policy needs to know.
package struct Place: Sendable, Hashable {
    package enum EntryPoint: String, Sendable, Hashable { case slack, http, cli, schedule }

    package let entryPoint: EntryPoint
    /// The channel's id and name, either of which a channel rule may use; nil outside channels.
    package let channel: String?
    package let channelName: String?
    package let isDirect: Bool
    /// What the channel was called before, as far as that is known: what a rule closes by such a name stays closed.
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

    /// HTTP and the command line are direct too, but hold no talk between a person and a bot.
    package var isDirectMessage: Bool { isDirect && entryPoint == .slack }

    package static let commandLine = Place(entryPoint: .cli, isDirect: true)
}
