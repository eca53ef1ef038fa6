import Bridge

/// What the page shows to one user, as JSON.
enum PageView {
    static func json(_ emulator: Emulator, for reference: String) -> JSONValue {
        let options = emulator.options
        let connections = emulator.gateway.connections
        return emulator.workspace.read { state in
            let viewer = state.person(reference) ?? options.people.first
            let id = viewer?.id ?? ""
            let channels = state.channels.filter {
                $0.members.contains(id) || (viewer?.isStranger == true && $0.kind == .channel)
            }
            let places = Set(channels.map(\.id))
            let messages = state.messages.filter {
                places.contains($0.channel) && ($0.onlyFor.map { $0 == id } ?? true)
            }
            return [
                "team": .string(options.teamName), "viewer": .string(id), "bot": .string(options.bot.id),
                "connections": .int(Int64(connections.live)),
                "people": .array(state.people.map(person)),
                "channels": .array(channels.map { channel($0, options) }),
                "commands": .array(
                    options.commands.map {
                        ["name": .string($0.name), "summary": .string($0.summary), "hint": .string($0.usageHint)]
                    }),
                "shortcuts": .array(
                    options.shortcuts.map { ["name": .string($0.name), "callbackID": .string($0.callbackID)] }),
                "messages": .array(messages.map { message($0, state) }),
                "statuses": texts(state.visibleStatuses),
                "titles": texts(state.titles),
                "prompts": .array(state.prompts[WorkspaceState.directID(id)] ?? []),
                "notices": .array(
                    state.notices.filter { $0.user == id }.map {
                        [
                            "ts": .string($0.ts), "channel": .string($0.channel), "text": .string($0.text),
                            "thread_ts": $0.thread.map { .string($0) } ?? .null,
                        ]
                    }),
                "modals": .array(state.modals.filter { $0.user == id }.map(\.view)),
                "home": state.homes[id] ?? .null,
            ]
        }
    }

    /// An object of texts.
    static func texts(_ values: [String: String]) -> JSONValue {
        .object(JSONObject(values.map { ($0, .string($1)) }, uniquingKeysWith: { $1 }))
    }

    private static func person(_ person: WorkspaceUser) -> JSONValue {
        let role =
            person.isBot
            ? "app"
            : person.deleted
                ? "deactivated"
                : person.isStranger
                    ? "other workspace"
                    : person.isRestricted ? "guest" : ""
        return [
            "id": .string(person.id), "name": .string(person.name), "realName": .string(person.realName),
            "email": person.email.map { .string($0) } ?? .null, "role": .string(role),
        ]
    }

    private static func channel(_ channel: ChannelState, _ options: EmulatorOptions) -> JSONValue {
        [
            "id": .string(channel.id), "name": .string(channel.kind == .im ? options.bot.name : channel.name),
            "kind": .string(channel.kind.rawValue), "topic": .string(channel.topic),
            "hasBot": .bool(channel.members.contains(options.bot.id)),
        ]
    }

    private static func message(_ message: EmulatedMessage, _ state: WorkspaceState) -> JSONValue {
        var json = MessageJSON.message(message, in: state)
        json["channel"] = .string(message.channel)
        json["ephemeral"] = .bool(message.isEphemeral)
        json["streaming"] = .bool(state.isStreaming(message))
        return json
    }
}
