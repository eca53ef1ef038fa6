import Bridge

/// Why a call of Slack's Web API failed. Holds no secret, so it may be shown.
struct SlackError: Error, Sendable, CustomStringConvertible {
    /// Slack's error code (`invalid_auth`, `not_in_channel`), or one of Omni's: `http_503`, `unreachable`,
    /// `bad_answer`, `untrusted_url`, `login_page`.
    let code: String
    let method: String
    /// Further detail: the missing scope, Slack's messages about a refused block, or the network error.
    let detail: String?
    /// Slack's `Retry-After`, or the wait that Omni's own rate limiter demands.
    let retryAfter: Duration?
    /// Whether Slack may have carried out the call.
    let mayHaveHappened: Bool

    init(
        _ code: String, method: String, detail: String? = nil, retryAfter: Duration? = nil,
        mayHaveHappened: Bool = false
    ) {
        self.code = code
        self.method = method
        self.detail = detail
        self.retryAfter = retryAfter
        self.mayHaveHappened = mayHaveHappened
    }

    /// Errors that no repetition corrects: an operator must act (the union of the errors on which Slack's SDKs stop).
    static let fatal: Set<String> = [
        "not_authed", "invalid_auth", "account_inactive", "user_removed_from_team", "team_disabled", "token_revoked",
        "token_expired", "not_allowed_token_type", "missing_scope", "forbidden_team", "no_permission",
        "org_login_required", "team_access_not_granted",
    ]

    var isFatal: Bool { Self.fatal.contains(code) }

    /// Both spellings exist: `ratelimited` with HTTP 429, `rate_limited` in the body of chat methods.
    var isRateLimit: Bool { code == "ratelimited" || code == "rate_limited" }

    var description: String {
        var text = "Slack answered \(code) to \(method)"
        if let detail { text += " (\(detail))" }
        if let advice = Self.advice[code] { text += ": \(advice)" }
        return text
    }

    private static let advice = [
        "invalid_auth": "the token is wrong or this address is not in the app's allow-list",
        "not_authed": "no token was sent; set SLACK_BOT_TOKEN and SLACK_APP_TOKEN",
        "not_allowed_token_type":
            "this is the wrong kind of token; SLACK_APP_TOKEN begins with xapp-, SLACK_BOT_TOKEN with xoxb-",
        "missing_scope": "add the scope in the app's settings and install the app again",
        "token_revoked": "the app was uninstalled or the token revoked; install it again",
        "account_inactive": "the app or its workspace is deactivated",
        "not_in_channel": "invite the bot to the channel",
        "channel_not_found": "the channel does not exist or the bot is not in it; invite the bot",
        "unreachable": "check the network, the proxy and SLACK_API_URL",
    ]
}
