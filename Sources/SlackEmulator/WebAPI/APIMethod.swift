import Bridge

/// One method of the Web API.
struct APIMethod: Sendable {
    /// The kind of token that a method needs.
    enum Token: Sendable { case bot, app }
    /// Calls per minute (docs.slack.dev, Rate limits). `posting` is one per second and channel; `special` is not
    /// limited here.
    enum Tier: Int, Sendable {
        case one = 1
        case two = 20
        case three = 50
        case four = 100
        case posting = 60
        case special = 0
    }

    let token: Token
    /// One of these scopes is needed; none if empty.
    let scopes: [String]
    let tier: Tier
    /// Whether arguments may be JSON: methods that read, and one that writes, accept only forms and queries.
    let takesJSON: Bool
    let run: @Sendable (inout WorkspaceState, APIArguments) throws(APIError) -> JSONObject

    static func read(
        _ scopes: [String], _ tier: Tier,
        _ run: @escaping @Sendable (inout WorkspaceState, APIArguments) throws(APIError) -> JSONObject
    ) -> APIMethod {
        APIMethod(token: .bot, scopes: scopes, tier: tier, takesJSON: false, run: run)
    }

    static func write(
        _ scopes: [String], _ tier: Tier,
        _ run: @escaping @Sendable (inout WorkspaceState, APIArguments) throws(APIError) -> JSONObject
    ) -> APIMethod {
        APIMethod(token: .bot, scopes: scopes, tier: tier, takesJSON: true, run: run)
    }

    private static let history = ["channels:history", "groups:history", "im:history", "mpim:history"]
    private static let reading = ["channels:read", "groups:read", "im:read", "mpim:read"]

    /// The supported methods; any other is `unknown_method`. `apps.connections.open` is handled in ``APIRoutes``.
    static let all: [String: APIMethod] = [
        "auth.test": APIMethod(
            token: .bot, scopes: [], tier: .special, takesJSON: true, run: { LookupMethods.authTest($0, $1) }),
        "users.info": read(["users:read"], .four) { state, call throws(APIError) in
            try LookupMethods.userInfo(state, call)
        },
        "users.list": read(["users:read"], .two) { state, call throws(APIError) in
            try LookupMethods.userList(state, call)
        },
        "users.lookupByEmail": read(["users:read.email"], .three) { state, call throws(APIError) in
            try LookupMethods.userByEmail(state, call)
        },
        "conversations.info": read(reading, .three) { state, call throws(APIError) in
            try LookupMethods.conversationInfo(state, call)
        },
        "conversations.list": read(reading, .two) { state, call throws(APIError) in
            try LookupMethods.conversationList(state, call)
        },
        "conversations.history": read(history, .three) { state, call throws(APIError) in
            try HistoryMethods.history(state, call)
        },
        "conversations.replies": read(history, .three) { state, call throws(APIError) in
            try HistoryMethods.replies(state, call)
        },
        "conversations.open": write(["im:write"], .three) { state, call throws(APIError) in
            try LookupMethods.openConversation(state, call)
        },
        "chat.getPermalink": read([], .special) { state, call throws(APIError) in
            try HistoryMethods.permalink(state, call)
        },
        "chat.postMessage": write(["chat:write"], .posting) { state, call throws(APIError) in
            try PostMethods.post(&state, call)
        },
        "chat.postEphemeral": write(["chat:write"], .four) { state, call throws(APIError) in
            try PostMethods.postEphemeral(&state, call)
        },
        "chat.update": write(["chat:write"], .three) { state, call throws(APIError) in
            try UpdateMethods.update(&state, call)
        },
        "chat.delete": write(["chat:write"], .three) { state, call throws(APIError) in
            try UpdateMethods.delete(&state, call)
        },
        "chat.startStream": write(["chat:write"], .two) { state, call throws(APIError) in
            try StreamMethods.start(&state, call)
        },
        "chat.appendStream": write(["chat:write"], .four) { state, call throws(APIError) in
            try StreamMethods.append(&state, call)
        },
        "chat.stopStream": write(["chat:write"], .two) { state, call throws(APIError) in
            try StreamMethods.stop(&state, call)
        },
        "reactions.add": write(["reactions:write"], .three) { state, call throws(APIError) in
            try ReactionMethods.add(&state, call)
        },
        "reactions.remove": write(["reactions:write"], .three) { state, call throws(APIError) in
            try ReactionMethods.remove(&state, call)
        },
        "assistant.threads.setStatus": write(["chat:write", "assistant:write"], .special) {
            state, call throws(APIError) in try AgentMethods.setStatus(&state, call)
        },
        // Slack's SDKs send a form.
        "assistant.threads.setTitle": read(["assistant:write"], .four) { state, call throws(APIError) in
            try AgentMethods.setTitle(&state, call)
        },
        "assistant.threads.setSuggestedPrompts": write(["assistant:write"], .four) { state, call throws(APIError) in
            try AgentMethods.setSuggestedPrompts(&state, call)
        },
        "views.open": write([], .four) { state, call throws(APIError) in try ViewMethods.open(&state, call) },
        "views.publish": write([], .four) { state, call throws(APIError) in try ViewMethods.publish(&state, call) },
        "files.info": read(["files:read"], .four) { state, call throws(APIError) in
            try FileMethods.info(state, call)
        },
        // It writes, and nevertheless accepts no JSON.
        "files.getUploadURLExternal": read(["files:write"], .four) { state, call throws(APIError) in
            try FileMethods.uploadURL(&state, call)
        },
        "files.completeUploadExternal": write(["files:write"], .four) { state, call throws(APIError) in
            try FileMethods.complete(&state, call)
        },
    ]
}
