import Bridge

/// A user's action on an element of a message, from a `block_actions` payload.
struct BlockAction: Sendable, Hashable {
    let user: String
    /// Identifies the press.
    let triggerID: String
    /// What Omni gave the element; it comes from the user's client and is not trusted.
    let value: String
    /// ts of the root of the message's thread; nil outside threads.
    let thread: String?
    /// Where the response goes.
    let responseURL: Secret

    /// nil when a field is missing, as in an action on a view, which has no `response_url`.
    init?(_ payload: JSONValue) {
        guard let user = payload["user"]?["id"]?.string, let trigger = payload["trigger_id"]?.string,
            let value = payload["actions"]?[0]?["value"]?.string, let url = payload["response_url"]?.string
        else { return nil }
        self.user = user
        triggerID = trigger
        self.value = value
        thread = payload["container"]?["thread_ts"]?.string
        responseURL = Secret(url)
    }
}
