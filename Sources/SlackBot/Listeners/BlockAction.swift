import Bridge
import Foundation

/// A user's action on an element of a message, from a `block_actions` payload. What Omni gave the element comes back
/// from the user's client and is not trusted.
struct BlockAction: Sendable, Hashable {
    /// As ``ActingUser/team``.
    let team: String
    let user: String
    let channel: String
    /// ts of the message with the element.
    let message: String
    /// ts of the root of the message's thread; nil outside threads.
    let thread: String?
    let actionID: String
    let blockID: String
    /// The value that Omni gave the element.
    let value: String
    /// Identifies the press, and opens a modal within three seconds.
    let triggerID: String
    /// Where the response goes.
    let responseURL: Secret
    /// When the user acted, by Slack's clock; nil without `action_ts`.
    let time: Date?

    /// nil when a field is missing, as in an action on a view, which has neither message nor `response_url`. Slack sends
    /// one action at a time, though in an array.
    init?(_ payload: JSONValue) {
        let container = payload["container"]
        guard let user = ActingUser(payload), let channel = container?["channel_id"]?.string,
            let message = container?["message_ts"]?.string, let action = payload["actions"]?[0],
            let actionID = action["action_id"]?.string, let blockID = action["block_id"]?.string,
            let value = action["value"]?.string, let trigger = payload["trigger_id"]?.string,
            let url = payload["response_url"]?.string
        else { return nil }
        (team, self.user) = (user.team, user.id)
        self.channel = channel
        self.message = message
        thread = container?["thread_ts"]?.string
        self.actionID = actionID
        self.blockID = blockID
        self.value = value
        triggerID = trigger
        responseURL = Secret(url)
        time = action["action_ts"]?.string.flatMap(Double.init).map { Date(timeIntervalSince1970: $0) }
    }
}
