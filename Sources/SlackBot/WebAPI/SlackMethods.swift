import Bridge

/// A message as it is sent: blocks for the eye, text for notifications and screen readers.
struct SlackMessage: Sendable, Hashable {
    var text: String
    var blocks: [JSONValue]

    init(text: String, blocks: [JSONValue] = []) {
        self.text = text
        self.blocks = blocks
    }

    /// As the outbox keeps it.
    init(_ json: JSONValue?) {
        self.init(text: json?["text"]?.string ?? "", blocks: json?["blocks"]?.array ?? [])
    }

    var json: JSONValue { ["text": .string(text), "blocks": .array(blocks)] }

    var isRich: Bool { !blocks.isEmpty }

    fileprivate var arguments: JSONObject {
        // Unfurling is off: a link in an answer must not make Slack fetch it.
        var arguments: JSONObject = ["text": .string(text), "unfurl_links": false, "unfurl_media": false]
        if !blocks.isEmpty { arguments["blocks"] = .array(blocks) }
        return arguments
    }
}

/// Where a message is: the channel as Slack answered it, and its ts.
struct MessageAddress: Sendable, Hashable {
    let channel: String
    let ts: String
}

/// Who the bot is (`auth.test`).
struct BotIdentity: Sendable, Hashable {
    let teamID: String
    let team: String
    let userID: String
    let botID: String?
    let url: String
}

extension SlackAPI {
    func authTest() async throws -> BotIdentity {
        let answer = try await form("auth.test")
        guard let team = answer["team_id"]?.string, let user = answer["user_id"]?.string else {
            throw SlackError("bad_answer", method: "auth.test")
        }
        return BotIdentity(
            teamID: team, team: answer["team"]?.string ?? team, userID: user, botID: answer["bot_id"]?.string,
            url: answer["url"]?.string ?? "")
    }

    /// A fresh single-use WebSocket URL; it holds a credential and goes into no log.
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
            // It said ok: the message is there, and only its id is not known.
            throw SlackError("bad_answer", method: "chat.postMessage", mayHaveHappened: true)
        }
        // The answer's channel may differ from the argument (a user's id becomes the id of the DM).
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
        // Without an explicit list the blocks of the message before would stay or go by the text's presence.
        arguments["blocks"] = .array(message.blocks)
        _ = try await call("chat.update", arguments, maxWait: maxWait, isWanted: isWanted)
    }

    /// The same for what need not be said: false when it was left out, because edits that must be made need the room.
    func updateIfAffordable(
        _ address: MessageAddress, to message: SlackMessage, isWanted: () async throws -> Bool
    ) async throws -> Bool {
        guard await limiter.hasCapacity("chat.update") else { return false }
        try await update(address, to: message, maxWait: .zero, isWanted: isWanted)
        return true
    }

    /// Takes a message of the bot's own back. One that is not there any more is no error.
    func delete(_ address: MessageAddress) async throws {
        do {
            _ = try await call("chat.delete", ["channel": .string(address.channel), "ts": .string(address.ts)])
        } catch let error as SlackError where error.code == "message_not_found" {}
    }

    /// - Parameters: see ``call(_:_:as:maxWait:isRepeated:isWanted:)``.
    func postEphemeral(
        _ message: SlackMessage, in channel: String, to user: String, thread: String?, isRepeated: Bool = true,
        isWanted: () async throws -> Bool = { true }
    ) async throws {
        var arguments = message.arguments
        arguments["unfurl_links"] = nil
        arguments["unfurl_media"] = nil
        arguments["channel"] = .string(channel)
        arguments["user"] = .string(user)
        if let thread { arguments["thread_ts"] = .string(thread) }
        _ = try await call("chat.postEphemeral", arguments, isRepeated: isRepeated, isWanted: isWanted)
    }

    func userInfo(_ user: String) async throws -> JSONValue {
        let answer = try await form("users.info", [("user", user)])
        guard let info = answer["user"] else { throw SlackError("bad_answer", method: "users.info") }
        return info
    }

    func conversationInfo(_ channel: String) async throws -> JSONValue {
        let answer = try await form("conversations.info", [("channel", channel)])
        guard let info = answer["channel"] else { throw SlackError("bad_answer", method: "conversations.info") }
        return info
    }
}
