import Bridge

/// reactions.add and reactions.remove.
enum ReactionMethods {
    static func add(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let (index, name) = try target(call, in: state)
        let user = state.options.bot.id
        guard give(name, by: user, at: index, &state) else { throw APIError("already_reacted") }
        return ["ok": true]
    }

    static func remove(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let (index, name) = try target(call, in: state)
        let user = state.options.bot.id
        guard let place = state.messages[index].reactions.firstIndex(where: { $0.name == name }),
            state.messages[index].reactions[place].users.contains(user)
        else { throw APIError("no_reaction") }
        state.messages[index].reactions[place].users.removeAll { $0 == user }
        if state.messages[index].reactions[place].users.isEmpty { state.messages[index].reactions.remove(at: place) }
        return ["ok": true]
    }

    /// Adds a reaction and sends the event; false if the user has added it before.
    static func give(_ name: String, by user: String, at index: Int, _ state: inout WorkspaceState) -> Bool {
        if let place = state.messages[index].reactions.firstIndex(where: { $0.name == name }) {
            guard !state.messages[index].reactions[place].users.contains(user) else { return false }
            state.messages[index].reactions[place].users.append(user)
        } else {
            state.messages[index].reactions.append((name, [user]))
        }
        Events.reaction(name, by: user, on: state.messages[index], &state)
        return true
    }

    private static func target(_ call: APIArguments, in state: WorkspaceState) throws(APIError) -> (Int, String) {
        let channel = try LookupMethods.visible(try call.required("channel"), in: state)
        let ts = try call.required("timestamp")
        let name = try call.required("name")
        guard !name.contains(":"), !name.contains(" ") else { throw APIError("invalid_name") }
        guard let index = state.index(channel: channel.id, ts: ts), !state.messages[index].isEphemeral else {
            throw APIError("message_not_found")
        }
        guard channel.members.contains(state.options.bot.id) else { throw APIError("not_in_channel") }
        return (index, name)
    }
}
