import Bridge

/// What a ``Listener`` is looked up by: the kind of an envelope, and the id that Slack or Omni gave the thing.
struct ListenerKey: Sendable, Hashable {
    /// The raw values of interactions are Slack's types of payloads.
    enum Kind: String, Sendable, Hashable {
        /// By the type of the event.
        case event
        /// By the command with its slash.
        case command
        /// By `action_id`.
        case action = "block_actions"
        /// By `action_id`; the acknowledgement has the options.
        case suggestion = "block_suggestion"
        /// By `callback_id`; the acknowledgement may have errors or another view.
        case submission = "view_submission"
        /// By `callback_id`.
        case closing = "view_closed"
        /// By `callback_id`.
        case shortcut
        /// By `callback_id`.
        case messageShortcut = "message_action"
    }

    let kind: Kind
    let id: String

    static func event(_ type: String) -> ListenerKey { ListenerKey(kind: .event, id: type) }
    static func command(_ name: String) -> ListenerKey { ListenerKey(kind: .command, id: name) }
    static func action(_ id: String) -> ListenerKey { ListenerKey(kind: .action, id: id) }
    static func submission(_ id: String) -> ListenerKey { ListenerKey(kind: .submission, id: id) }
}

extension ListenerKey {
    /// The key of an envelope; nil for one of another type or without its id. Slack sends one action at a time, though
    /// in an array.
    init?(_ envelope: Envelope) {
        let payload = envelope.payload
        guard let kind = Kind(of: envelope) else { return nil }
        let id =
            switch kind {
            case .event: payload["event"]?["type"]
            case .command: payload["command"]
            case .action: payload["actions"]?[0]?["action_id"]
            case .suggestion: payload["action_id"]
            case .submission, .closing: payload["view"]?["callback_id"]
            case .shortcut, .messageShortcut: payload["callback_id"]
            }
        guard let id = id?.string else { return nil }
        self.init(kind: kind, id: id)
    }
}

extension ListenerKey.Kind {
    /// The kind of an envelope; nil for one that is unknown to Omni.
    init?(of envelope: Envelope) {
        switch envelope.type {
        case "events_api": self = .event
        case "slash_commands": self = .command
        case "interactive":
            let type = envelope.payload["type"]?.string.flatMap(Self.init(rawValue:))
            guard let type, type != .event, type != .command else { return nil }
            self = type
        default: return nil
        }
    }
}
