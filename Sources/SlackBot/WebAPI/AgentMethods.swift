import Bridge

/// A button above the message box of the direct messages; a press sends `message` as the user's own.
struct SuggestedPrompt: Sendable, Hashable {
    let title: String
    let message: String
}

/// The methods of Slack's agent messaging. A thread is named by its channel and the ts of its root.
extension SlackAPI {
    /// Shows "<app> <status>" under a thread; an empty text removes it. Slack removes it when the app posts there, and
    /// after two minutes. Under `agent_view` a text also marks the thread's session as processing, until an empty one or
    /// the end of a stream. Throws ``SlackError``.
    ///
    /// - Parameter isRequired: whether the call is repeated and waits for a rate limit, for a few seconds.
    func setStatus(_ status: String, of thread: MessageAddress, isRequired: Bool) async throws {
        _ = try await call(
            "assistant.threads.setStatus",
            [
                "channel_id": .string(thread.channel), "thread_ts": .string(thread.ts), "status": .string(status),
            ], maxWait: isRequired ? .seconds(5) : .zero, isRepeated: isRequired)
    }

    /// Names a thread of the direct messages. Slack's SDKs send a form. Throws ``SlackError``.
    func setTitle(_ title: String, of thread: MessageAddress) async throws {
        _ = try await form(
            "assistant.threads.setTitle",
            [("channel_id", thread.channel), ("thread_ts", thread.ts), ("title", title)], isRepeated: false)
    }

    /// Shows prompts in direct messages. Throws ``SlackError``.
    ///
    /// - Parameters:
    ///   - prompts: one to four.
    ///   - thread: ts of the thread of the older `assistant_view`; nil under `agent_view`, which has none.
    func setSuggestedPrompts(_ prompts: [SuggestedPrompt], in channel: String, thread: String?) async throws {
        var arguments: JSONObject = [
            "channel_id": .string(channel),
            "prompts": .array(prompts.map { ["title": .string($0.title), "message": .string($0.message)] }),
        ]
        if let thread { arguments["thread_ts"] = .string(thread) }
        _ = try await call("assistant.threads.setSuggestedPrompts", arguments, maxWait: .zero, isRepeated: false)
    }
}

extension SlackError {
    private static let featureMissing: Set<String> = [
        "missing_scope", "unknown_method", "method_deprecated", "feature_not_enabled", "not_allowed",
        "not_allowed_token_type", "no_permission", "access_denied", "enterprise_is_restricted",
        "team_access_not_granted",
    ]

    /// Whether this workspace or token does not have the feature that the method belongs to.
    var isFeatureMissing: Bool { Self.featureMissing.contains(code) }
}
