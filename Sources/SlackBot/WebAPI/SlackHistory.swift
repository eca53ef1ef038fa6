import Bridge

/// One page of a list.
struct SlackPage<Item: Sendable>: Sendable {
    let items: [Item]
    /// The cursor of the next page; nil when this is the last one.
    let cursor: String?

    /// The cursor of the next page, where `asked` is the one of this page. nil when Slack repeats the cursor, which
    /// would never end.
    func next(after asked: String?) -> String? { cursor == asked ? nil : cursor }
}

/// Reading of histories. All are read methods: form arguments, Tier 3 (`conversations.list`: Tier 2); ``SlackAPI``
/// waits for `Retry-After`. Apps that are sold outside Slack's Marketplace get one call a minute and 15 messages
/// (docs.slack.dev, conversations.history): then pages are small and waits long.
extension SlackAPI {
    /// Messages of a conversation, newest first, without the replies in its threads (broadcast replies are there).
    /// Message objects as Slack sends them, with `metadata`; they name no channel.
    ///
    /// Needs the scope of the conversation's kind: `channels:history`, `groups:history`, `im:history`, `mpim:history`;
    /// and membership (`not_in_channel`, `channel_not_found`).
    /// - Parameters:
    ///   - oldest: a ts; only messages after it. nil: from the beginning.
    ///   - latest: a ts; only messages before it. nil: until now.
    ///   - inclusive: whether messages at exactly `oldest` and `latest` are included.
    ///   - limit: 1 to 999 messages a page; Slack may return fewer although there are more.
    ///   - cursor: of the page before; nil: the first page. The other arguments must be the same.
    /// - Throws: ``SlackError``.
    func history(
        of channel: String, oldest: String? = nil, latest: String? = nil, inclusive: Bool = false, limit: Int = 200,
        cursor: String? = nil
    ) async throws -> SlackPage<JSONValue> {
        let range = Self.range(oldest, latest, inclusive, limit, cursor)
        return try await messages("conversations.history", [("channel", channel)] + range)
    }

    /// Messages of a thread, oldest first. The root comes first, whatever `oldest` is; later pages may repeat it.
    ///
    /// Scopes and arguments as for ``history(of:oldest:latest:inclusive:limit:cursor:)``; `limit` may be 1,000.
    /// - Parameters:
    ///   - thread: the root's ts. For a message that is itself a reply Slack returns that reply alone.
    ///   - isRepeated: whether a call whose answer was lost is repeated after a pause of a second or more.
    /// - Throws: ``SlackError``; `thread_not_found` when the root does not exist.
    func replies(
        in channel: String, thread: String, oldest: String? = nil, latest: String? = nil, inclusive: Bool = false,
        limit: Int = 200, cursor: String? = nil, isRepeated: Bool = true
    ) async throws -> SlackPage<JSONValue> {
        let range = Self.range(oldest, latest, inclusive, limit, cursor)
        return try await messages(
            "conversations.replies", [("channel", channel), ("ts", thread)] + range, isRepeated: isRepeated)
    }

    /// The channel ids of the bot's direct messages. Needs `im:read`.
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
    static func nextCursor(_ answer: JSONValue) -> String? {
        answer["response_metadata"]?["next_cursor"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }
}
