import Bridge

/// A message as it is sent: blocks for display, text for notifications and screen readers.
struct SlackMessage: Sendable, Hashable {
    var text: String
    var blocks: [JSONValue]

    init(text: String, blocks: [JSONValue] = []) {
        self.text = text
        self.blocks = blocks
    }

    /// Decodes the form that the outbox stores (``json``); nil and missing fields are an empty message.
    init(_ json: JSONValue?) {
        self.init(text: json?["text"]?.string ?? "", blocks: json?["blocks"]?.array ?? [])
    }

    var json: JSONValue { ["text": .string(text), "blocks": .array(blocks)] }

    /// Whether it has blocks.
    var isRich: Bool { !blocks.isEmpty }

    /// The body for a `response_url` that shows the message as a new one to the user alone.
    ///
    /// - Parameter thread: ts of the root of the thread that the user acted in.
    func ephemeralResponse(thread: String? = nil) -> JSONObject {
        var body: JSONObject = ["response_type": "ephemeral", "replace_original": false, "text": .string(text)]
        if !blocks.isEmpty { body["blocks"] = .array(blocks) }
        if let thread { body["thread_ts"] = .string(thread) }
        return body
    }

    /// The body for a `response_url` that replaces the message with the element that was used.
    var replacement: JSONObject {
        ["replace_original": true, "text": .string(text), "blocks": .array(blocks)]
    }

    fileprivate var arguments: JSONObject {
        // Unfurling is off: a link in an answer must not make Slack fetch it.
        var arguments: JSONObject = ["text": .string(text), "unfurl_links": false, "unfurl_media": false]
        if !blocks.isEmpty { arguments["blocks"] = .array(blocks) }
        return arguments
    }
}

/// The address of a message: the channel as Slack returned it, and its ts.
struct MessageAddress: Sendable, Hashable {
    let channel: String
    let ts: String
}

/// The identity of the bot (`auth.test`).
struct BotIdentity: Sendable, Hashable {
    let teamID: String
    let team: String
    let userID: String
    let url: String
}

extension SlackAPI {
    /// Throws ``SlackError``.
    func authTest() async throws -> BotIdentity {
        let answer = try await form("auth.test")
        guard let team = answer["team_id"]?.string, let user = answer["user_id"]?.string else {
            throw SlackError("bad_answer", method: "auth.test")
        }
        return BotIdentity(
            teamID: team, team: answer["team"]?.string ?? team, userID: user, url: answer["url"]?.string ?? "")
    }

    /// A new single-use WebSocket URL (`apps.connections.open`). It holds a credential and is not logged. Throws
    /// ``SlackError``.
    func openConnection() async throws -> Secret {
        let answer = try await form("apps.connections.open", as: .app)
        guard let url = answer["url"]?.string else {
            throw SlackError("bad_answer", method: "apps.connections.open")
        }
        guard url.hasPrefix("wss://") || (Loopback.isLoopback(baseURL) && Loopback.isLoopback(url)) else {
            throw SlackError(
                "untrusted_url", method: "apps.connections.open", detail: "a ws:// address is accepted on loopback only"
            )
        }
        return Secret(url)
    }

    /// - Parameter isWanted: see ``call(_:_:as:maxWait:isRepeated:isWanted:)``.
    func post(
        _ message: SlackMessage, in channel: String, thread: String?, metadata: JSONValue? = nil,
        isWanted: () -> Bool = { true }
    ) async throws -> MessageAddress {
        var arguments = message.arguments
        arguments["channel"] = .string(channel)
        if let thread { arguments["thread_ts"] = .string(thread) }
        if let metadata { arguments["metadata"] = metadata }
        let answer = try await call("chat.postMessage", arguments, isWanted: { isWanted() })
        guard let ts = answer["ts"]?.string else {
            // Slack returned `ok`: the message exists, and only its ts is unknown.
            throw SlackError("bad_answer", method: "chat.postMessage", mayHaveHappened: true)
        }
        // The channel of the response may differ from the argument (a user's id becomes the id of the DM).
        return MessageAddress(channel: answer["channel"]?.string ?? channel, ts: ts)
    }

    /// - Parameters: see ``call(_:_:as:maxWait:isRepeated:isWanted:)``.
    func update(
        _ address: MessageAddress, to message: SlackMessage, maxWait: Duration = longestWait,
        isWanted: () async throws -> Bool = { true }
    ) async throws {
        var arguments = message.arguments
        arguments["unfurl_links"] = nil
        arguments["unfurl_media"] = nil
        arguments["channel"] = .string(address.channel)
        arguments["ts"] = .string(address.ts)
        // Without an explicit list Slack keeps or removes the old blocks, depending on `text`.
        arguments["blocks"] = .array(message.blocks)
        _ = try await call("chat.update", arguments, maxWait: maxWait, isWanted: isWanted)
    }

    /// As ``update(_:to:maxWait:isWanted:)`` for an optional edit. Returns false when it was left out, so that the
    /// required edits stay within the rate limit.
    func updateIfAffordable(
        _ address: MessageAddress, to message: SlackMessage, isWanted: () async throws -> Bool
    ) async throws -> Bool {
        guard await limiter.hasCapacity("chat.update") else { return false }
        try await update(address, to: message, maxWait: .zero, isWanted: isWanted)
        return true
    }

    /// Deletes a message of the bot. A message that does not exist is no error.
    func delete(_ address: MessageAddress) async throws {
        do {
            _ = try await call("chat.delete", ["channel": .string(address.channel), "ts": .string(address.ts)])
        } catch let error as SlackError where error.code == "message_not_found" {}
    }

    /// - Parameters: see ``call(_:_:as:maxWait:isRepeated:isWanted:)``.
    func postEphemeral(
        _ message: SlackMessage, in channel: String, to user: String, thread: String?,
        maxWait: Duration = longestWait, isRepeated: Bool = true, isWanted: () async throws -> Bool = { true }
    ) async throws {
        var arguments = message.arguments
        arguments["unfurl_links"] = nil
        arguments["unfurl_media"] = nil
        arguments["channel"] = .string(channel)
        arguments["user"] = .string(user)
        if let thread { arguments["thread_ts"] = .string(thread) }
        _ = try await call(
            "chat.postEphemeral", arguments, maxWait: maxWait, isRepeated: isRepeated, isWanted: isWanted)
    }

    /// Posts a message that only the user sees. A direct message has no other reader, so that an ordinary message is
    /// private there.
    func postPrivately(_ message: SlackMessage, in channel: String, to user: String, thread: String?) async throws {
        guard !channel.hasPrefix("D") else {
            _ = try await post(message, in: channel, thread: thread)
            return
        }
        try await postEphemeral(message, in: channel, to: user, thread: thread)
    }

    /// Shows a view in the user's App Home (`views.publish`); it replaces the one before. Throws ``SlackError``.
    func publishHome(of user: String, _ view: JSONValue) async throws {
        _ = try await call("views.publish", ["user_id": .string(user), "view": view])
    }

    /// The user object of `users.info`. Throws ``SlackError``.
    func userInfo(_ user: String) async throws -> JSONValue {
        let answer = try await form("users.info", [("user", user)])
        guard let info = answer["user"] else { throw SlackError("bad_answer", method: "users.info") }
        return info
    }

    /// The id of the bot's direct messages with a user (`conversations.open`, which changes nothing when they exist).
    /// Needs `im:write`. Throws ``SlackError``.
    func directChannel(of user: String) async throws -> String {
        let answer = try await form("conversations.open", [("users", user)])
        guard let id = answer["channel"]?["id"]?.string else {
            throw SlackError("bad_answer", method: "conversations.open")
        }
        return id
    }

    /// The channel object of `conversations.info`. Throws ``SlackError``.
    func conversationInfo(_ channel: String) async throws -> JSONValue {
        let answer = try await form("conversations.info", [("channel", channel)])
        guard let info = answer["channel"] else { throw SlackError("bad_answer", method: "conversations.info") }
        return info
    }
}
