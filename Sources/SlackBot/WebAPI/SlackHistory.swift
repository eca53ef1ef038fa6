import Bridge

/// A part of a list that Slack gives page by page.
struct SlackPage<Item: Sendable>: Sendable {
    let items: [Item]
    /// Asks for the next page; nil when this is the last.
    let cursor: String?

    /// The cursor of the next page, when this one was asked for by that cursor. One that repeats would never end.
    func next(after asked: String?) -> String? { cursor == asked ? nil : cursor }
}

/// Reading back what was said. All are read methods: forms only, Tier 3 (`conversations.list`: Tier 2); the waits that
/// Slack asks for are kept by ``SlackAPI``. Apps that are sold outside Slack's Marketplace get one call a minute and 15
/// messages (docs.slack.dev, conversations.history): then pages are small and the waits long.
extension SlackAPI {
    /// Messages of a conversation, newest first, without the replies in its threads (broadcast replies are there).
    /// Message objects as Slack writes them, with `metadata`; they name no channel.
    ///
    /// Needs the scope of the conversation's kind: `channels:history`, `groups:history`, `im:history`, `mpim:history`;
    /// and membership (`not_in_channel`, `channel_not_found`).
    /// - Parameters:
    ///   - oldest: a ts; only messages after it. nil: from the beginning.
    ///   - latest: a ts; only messages before it. nil: until now.
    ///   - inclusive: whether messages at exactly `oldest` and `latest` count.
    ///   - limit: 1 to 999 messages a page; Slack may give fewer although there are more.
    ///   - cursor: of the page before; nil: the first page. The other arguments must be the same.
    /// - Throws: ``SlackError``.
    func history(
        of channel: String, oldest: String? = nil, latest: String? = nil, inclusive: Bool = false, limit: Int = 200,
        cursor: String? = nil
    ) async throws -> SlackPage<JSONValue> {
        let range = Self.range(oldest, latest, inclusive, limit, cursor)
        return try await messages("conversations.history", [("channel", channel)] + range)
    }

    /// Messages of a thread, oldest first. The root comes first, whatever `oldest` says; later pages may repeat it.
    ///
    /// Scopes and arguments as for ``history(of:oldest:latest:inclusive:limit:cursor:)``; `limit` may be 1,000.
    /// - Parameters:
    ///   - thread: the root's ts. For a message that is itself a reply Slack gives that reply alone.
    ///   - isRepeated: whether a call whose answer was lost is repeated after a pause of a second or more.
    /// - Throws: ``SlackError``; `thread_not_found` when the root is gone.
    func replies(
        in channel: String, thread: String, oldest: String? = nil, latest: String? = nil, inclusive: Bool = false,
        limit: Int = 200, cursor: String? = nil, isRepeated: Bool = true
    ) async throws -> SlackPage<JSONValue> {
        let range = Self.range(oldest, latest, inclusive, limit, cursor)
        return try await messages(
            "conversations.replies", [("channel", channel), ("ts", thread)] + range, isRepeated: isRepeated)
    }

    /// The ids of the direct messages that people have with the bot. Needs `im:read`.
    ///
    /// - Throws: ``SlackError``.
    func directConversations(cursor: String? = nil) async throws -> SlackPage<String> {
        var arguments = [("types", "im"), ("limit", "200")]
        if let cursor { arguments.append(("cursor", cursor)) }
        let answer = try await form("conversations.list", arguments)
        guard let channels = answer["channels"]?.array else {
            throw SlackError("bad_answer", method: "conversations.list")
        }
        return SlackPage(items: channels.compactMap { $0["id"]?.string }, cursor: Self.nextCursor(answer))
    }

    private func messages(
        _ method: String, _ arguments: [(String, String)], isRepeated: Bool = true
    ) async throws -> SlackPage<JSONValue> {
        let answer = try await form(method, arguments, isRepeated: isRepeated)
        guard let messages = answer["messages"]?.array else { throw SlackError("bad_answer", method: method) }
        return SlackPage(items: messages, cursor: Self.nextCursor(answer))
    }

    private static func range(
        _ oldest: String?, _ latest: String?, _ inclusive: Bool, _ limit: Int, _ cursor: String?
    ) -> [(String, String)] {
        var arguments = [("limit", "\(limit)"), ("include_all_metadata", "true")]
        if let oldest { arguments.append(("oldest", oldest)) }
        if let latest { arguments.append(("latest", latest)) }
        if inclusive { arguments.append(("inclusive", "true")) }
        if let cursor { arguments.append(("cursor", cursor)) }
        return arguments
    }

    /// An empty string is the end as well (docs.slack.dev, Pagination).
    private static func nextCursor(_ answer: JSONValue) -> String? {
        answer["response_metadata"]?["next_cursor"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }
}
