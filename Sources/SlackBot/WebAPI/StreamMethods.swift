import Bridge

/// Who may see a streamed message grow; Slack demands both ids in channels.
struct StreamRecipient: Sendable, Hashable {
    let user: String
    let team: String
}

/// What Slack shows of the session of a thread when a stream in it ends.
enum SessionStatus: String, Sendable {
    /// Slack's default: nothing runs.
    case active
    /// The app waits for the user.
    case suspended
}

/// chat.startStream, chat.appendStream and chat.stopStream. A stream that is open refuses `chat.update`
/// (`streaming_state_conflict`), and Slack ends it about five minutes after its start, whatever is appended.
extension SlackAPI {
    /// Starts a streamed message in a thread if the method's limit a minute has capacity, and does not wait for it.
    /// Throws ``SlackError``, `ratelimited` without capacity.
    ///
    /// - Parameter isWanted: see ``call(_:_:as:maxWait:isRepeated:isWanted:)``.
    func startStream(
        in channel: String, thread: String, for recipient: StreamRecipient, _ chunks: [StreamChunk],
        isWanted: () async throws -> Bool = { true }
    ) async throws -> MessageAddress {
        let method = "chat.startStream"
        try await requireCapacity(method)
        let answer = try await call(
            method,
            [
                "channel": .string(channel), "thread_ts": .string(thread), "task_display_mode": "timeline",
                "recipient_user_id": .string(recipient.user), "recipient_team_id": .string(recipient.team),
                "chunks": .array(chunks.map(\.json)),
            ], maxWait: .zero, isRepeated: false, isWanted: isWanted)
        guard let ts = answer["ts"]?.string else {
            // Slack returned `ok`: the message exists, and only its ts is unknown.
            throw SlackError("bad_answer", method: method, mayHaveHappened: true)
        }
        return MessageAddress(channel: answer["channel"]?.string ?? channel, ts: ts)
    }

    /// Appends to a stream, within the method's limit a minute and without a wait for it. The caller sends one call at
    /// a time. Throws ``SlackError``.
    func appendStream(
        _ address: MessageAddress, _ chunks: [StreamChunk], isWanted: () async throws -> Bool = { true }
    ) async throws {
        let method = "chat.appendStream"
        try await requireCapacity(method)
        _ = try await call(
            method, Self.arguments(address, chunks), maxWait: .zero, isRepeated: false, isWanted: isWanted)
    }

    /// Ends a stream. Throws ``SlackError``.
    ///
    /// - Parameters:
    ///   - blocks: shown below the streamed content.
    ///   - session: what becomes of the thread's session.
    ///   - maxWait, isWanted: see ``call(_:_:as:maxWait:isRepeated:isWanted:)``.
    func stopStream(
        _ address: MessageAddress, _ chunks: [StreamChunk] = [], blocks: [JSONValue] = [], metadata: JSONValue? = nil,
        session: SessionStatus = .active, maxWait: Duration = longestWait, isWanted: () async throws -> Bool = { true }
    ) async throws {
        var arguments = Self.arguments(address, chunks)
        if !blocks.isEmpty { arguments["blocks"] = .array(blocks) }
        if let metadata { arguments["metadata"] = metadata }
        if session != .active { arguments["session_status"] = .string(session.rawValue) }
        _ = try await call("chat.stopStream", arguments, maxWait: maxWait, isWanted: isWanted)
    }

    private func requireCapacity(_ method: String) async throws {
        guard await limiter.hasCapacity(method) else {
            throw SlackError("ratelimited", method: method, retryAfter: .seconds(1))
        }
    }

    private static func arguments(_ address: MessageAddress, _ chunks: [StreamChunk]) -> JSONObject {
        var arguments: JSONObject = ["channel": .string(address.channel), "ts": .string(address.ts)]
        if !chunks.isEmpty { arguments["chunks"] = .array(chunks.map(\.json)) }
        return arguments
    }
}

extension SlackError {
    private static let gone: Set<String> = ["message_not_found", "message_not_owned_by_app"]

    /// What this error of a call of a stream method means for ``AnswerStream``.
    var streamResponse: AnswerStream.Response {
        if isRateLimit || (code == "unreachable" && !mayHaveHappened) { return .busy(retryAfter ?? .seconds(1)) }
        if code == "message_not_in_streaming_state" { return .over }
        if code == "stopped_by_user" { return .stopped }
        if Self.gone.contains(code) { return .gone }
        return mayHaveHappened ? .unsure : .refused
    }
}
