import Bridge
import Foundation

/// Payloads of slash commands, block actions and message shortcuts, with their `trigger_id` and `response_url`.
enum Interactions {
    /// A payload that is ready for delivery.
    struct Prepared: Sendable {
        let payload: JSONValue
        let trigger: String
        let responseURL: String
        let responseID: String
        let channel: String
        let user: String
        /// The thread of the button's message; nil for the root itself and outside threads.
        var thread: String?
    }

    static func command(
        _ command: String, _ text: String, as name: String, in place: String, _ state: inout WorkspaceState
    ) throws(UserActionError) -> Prepared {
        let person = try UserActions.actor(name, state)
        let channel = try UserActions.place(place, for: person, state)
        guard !person.isStranger else { throw UserActionError("members of other workspaces cannot run commands") }
        guard state.options.commands.contains(where: { $0.name == command }) else {
            throw UserActionError("\(command) is not a valid command")
        }
        let words = state.options.escapesCommandText ? ComposerText.encode(text, in: state) : text
        let (trigger, id, url) = capabilities(
            for: person, in: channel, command: "\(command) \(text)", original: nil, thread: nil, &state)
        let channelName = ["im": "directmessage", "group": "privategroup"][channel.kind.rawValue] ?? channel.name
        let payload: JSONValue = [
            "token": "deprecated", "team_id": .string(state.options.teamID),
            "team_domain": .string(state.options.teamDomain), "channel_id": .string(channel.id),
            "channel_name": .string(channelName), "user_id": .string(person.id), "user_name": .string(person.name),
            "command": .string(command), "text": .string(words), "api_app_id": .string(state.options.appID),
            "is_enterprise_install": "false", "response_url": .string(url), "trigger_id": .string(trigger),
        ]
        return Prepared(
            payload: payload, trigger: trigger, responseURL: url, responseID: id, channel: channel.id, user: person.id)
    }

    /// A block action on the element `actionID` of a message. `value` selects an option, a user, or a side of feedback
    /// buttons.
    static func press(
        _ actionID: String, value: String?, of ts: String, in place: String, as name: String,
        _ state: inout WorkspaceState
    ) throws(UserActionError) -> Prepared {
        let person = try UserActions.actor(name, state)
        let channel = try UserActions.place(place, for: person, state)
        guard let message = state.message(channel: channel.id, ts: ts), message.onlyFor.map({ $0 == person.id }) ?? true
        else { throw UserActionError("there is no message \(ts)") }
        guard let action = action(actionID, value: value, in: message.blocks, at: state.nextTS()) else {
            throw UserActionError("the message has no button \(actionID)")
        }
        let (trigger, _, url) = capabilities(
            for: person, in: channel, command: nil, original: ts, thread: message.threadTS, &state)
        var container: JSONObject = [
            "type": "message", "message_ts": .string(ts), "channel_id": .string(channel.id),
            "is_ephemeral": .bool(message.isEphemeral),
        ]
        if let thread = message.threadTS { container["thread_ts"] = .string(thread) }
        var payload: JSONObject = [
            "type": "block_actions",
            "team": ["id": .string(state.options.teamID), "domain": .string(state.options.teamDomain)],
            "user": user(person, state),
            "api_app_id": .string(state.options.appID), "token": "deprecated", "container": .object(container),
            "trigger_id": .string(trigger), "enterprise": .null, "is_enterprise_install": false,
            "channel": [
                "id": .string(channel.id), "name": .string(channel.kind == .im ? "directmessage" : channel.name),
            ],
            "state": ["values": [:]], "response_url": .string(url), "actions": [action],
        ]
        // Slack omits the message if it is ephemeral.
        if !message.isEphemeral { payload["message"] = MessageJSON.message(message, in: state) }
        return Prepared(
            payload: .object(payload), trigger: trigger, responseURL: url, responseID: "", channel: channel.id,
            user: person.id, thread: message.threadTS == ts ? nil : message.threadTS)
    }

    /// A block action on the element `actionID` of the app's Home; its payload has neither message nor `response_url`.
    static func pressHome(
        _ actionID: String, value: String?, as name: String, _ state: inout WorkspaceState
    ) throws(UserActionError) -> Prepared {
        let person = try UserActions.actor(name, state)
        let channel = WorkspaceState.directID(person.id)
        guard let view = state.homes[person.id],
            let action = action(actionID, value: value, in: view["blocks"]?.array ?? [], at: state.nextTS())
        else { throw UserActionError("the Home has no button \(actionID)") }
        let trigger = trigger(for: person, &state)
        let payload: JSONValue = [
            "type": "block_actions",
            "team": ["id": .string(state.options.teamID), "domain": .string(state.options.teamDomain)],
            "user": user(person, state), "api_app_id": .string(state.options.appID), "token": "deprecated",
            "container": ["type": "view", "view_id": view["id"] ?? .null], "trigger_id": .string(trigger),
            "enterprise": .null, "is_enterprise_install": false, "view": view, "actions": [action],
        ]
        return Prepared(
            payload: payload, trigger: trigger, responseURL: "", responseID: "", channel: channel, user: person.id)
    }

    /// A `message_action`: the user chooses a message shortcut in the menu of a message.
    static func shortcut(
        _ callbackID: String, on ts: String, in place: String, as name: String, _ state: inout WorkspaceState
    ) throws(UserActionError) -> Prepared {
        let person = try UserActions.actor(name, state)
        let channel = try UserActions.place(place, for: person, state)
        guard let message = state.message(channel: channel.id, ts: ts), !message.isEphemeral else {
            throw UserActionError("there is no message \(ts)")
        }
        guard state.options.shortcuts.contains(where: { $0.callbackID == callbackID }) else {
            throw UserActionError("the app has no shortcut \(callbackID)")
        }
        let (trigger, id, url) = capabilities(
            for: person, in: channel, command: nil, original: nil, thread: message.threadTS, &state)
        let names = ["im": "directmessage", "group": "privategroup"]
        let payload: JSONValue = [
            "type": "message_action", "callback_id": .string(callbackID), "trigger_id": .string(trigger),
            "team": ["id": .string(state.options.teamID), "domain": .string(state.options.teamDomain)],
            "user": user(person, state), "api_app_id": .string(state.options.appID), "token": "deprecated",
            "channel": ["id": .string(channel.id), "name": .string(names[channel.kind.rawValue] ?? channel.name)],
            "message_ts": .string(ts), "message": MessageJSON.message(message, in: state),
            "action_ts": .string(state.nextTS()), "response_url": .string(url), "is_enterprise_install": false,
            "enterprise": .null,
        ]
        return Prepared(
            payload: payload, trigger: trigger, responseURL: url, responseID: id, channel: channel.id, user: person.id,
            thread: message.threadTS == ts ? nil : message.threadTS)
    }

    /// The `user` of a payload, with their own workspace, which in a shared channel may be another.
    static func user(_ person: WorkspaceUser, _ state: WorkspaceState) -> JSONValue {
        [
            "id": .string(person.id), "username": .string(person.name), "name": .string(person.name),
            "team_id": .string(person.teamID(own: state.options.teamID)),
        ]
    }

    private static func capabilities(
        for person: WorkspaceUser, in channel: ChannelState, command: String?, original: String?, thread: String?,
        _ state: inout WorkspaceState
    ) -> (trigger: String, id: String, url: String) {
        let trigger = trigger(for: person, &state)
        let id = UUID().uuidString.lowercased()
        state.responseURLs[id] = ResponseURL(
            channel: channel.id, user: person.id, command: command, original: original, thread: thread,
            expires: .now + state.options.timeouts.responseURL)
        return (trigger, id, "\(state.baseURL)/response/\(id)")
    }

    private static func trigger(for person: WorkspaceUser, _ state: inout WorkspaceState) -> String {
        let trigger = "\(state.nextNumber()).\(state.nextNumber()).\(UUID().uuidString.lowercased().prefix(8))"
        state.triggers[trigger] = Trigger(user: person.id, expires: .now + state.options.timeouts.trigger)
        return trigger
    }

    private static func action(
        _ actionID: String, value: String?, in blocks: [JSONValue], at time: String
    ) -> JSONValue? {
        for block in blocks {
            let elements = (block["elements"]?.array ?? []) + [block["accessory"]].compactMap(\.self)
            for element in elements where element["action_id"]?.string == actionID {
                if let side = side(of: element, value: value) {
                    var action = side
                    action["action_id"] = .string(actionID)
                    action["block_id"] = block["block_id"] ?? ""
                    action["action_ts"] = .string(time)
                    return action
                }
            }
        }
        return nil
    }

    /// The members of an action that depend on the element's type; nil if the element has no such value.
    private static func side(of element: JSONValue, value: String?) -> JSONValue? {
        var action: JSONValue = ["type": element["type"] ?? ""]
        switch element["type"]?.string {
        case "button", "icon_button":
            if let value, element["value"]?.string != value { return nil }
            action["text"] = element["text"]
            action["value"] = element["value"]
        case "feedback_buttons":
            let sides = [element["positive_button"], element["negative_button"]].compactMap(\.self)
            guard let side = sides.first(where: { value == nil || $0["value"]?.string == value }) else { return nil }
            action["text"] = side["text"]
            action["value"] = side["value"]
        case "overflow", "static_select", "radio_buttons":
            let options = element["options"]?.array ?? []
            guard let option = options.first(where: { value == nil || $0["value"]?.string == value }) else {
                return nil
            }
            action["selected_option"] = option
        case "users_select":
            guard let value else { return nil }
            action["selected_user"] = .string(value)
        default: return nil
        }
        return action
    }
}
