import Bridge

/// views.open and views.publish.
enum ViewMethods {
    static func open(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let view = try checked(call, types: ["modal"])
        let id = try call.required("trigger_id")
        guard let trigger = state.triggers[id] else { throw APIError("invalid_trigger_id") }
        guard !trigger.isUsed else { throw APIError("exchanged_trigger_id") }
        guard trigger.expires > .now else { throw APIError("expired_trigger_id") }
        state.triggers[id]?.isUsed = true
        let stored = complete(view, id: "V0\(state.nextNumber())", state)
        state.modals.append(OpenModal(id: stored["id"]?.string ?? "", user: trigger.user, view: stored))
        return ["ok": true, "view": stored]
    }

    static func publish(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let user = try call.required("user_id")
        guard state.people.contains(where: { $0.id == user }) else { throw APIError("user_not_found") }
        let view = try checked(call, types: ["home"])
        if let hash = try call.string("hash"), let old = state.homes[user]?["hash"]?.string, hash != old {
            throw APIError("hash_conflict")
        }
        let stored = complete(view, id: state.homes[user]?["id"]?.string ?? "V0\(state.nextNumber())", state)
        state.homes[user] = stored
        return ["ok": true, "view": stored]
    }

    private static func checked(_ call: APIArguments, types: [String]) throws(APIError) -> JSONValue {
        guard let view = try call.structure("view", else: "invalid_arguments") else { throw APIError.missing("view") }
        try BlockKitValidator.view(view, types: types)
        return view
    }

    /// A view with the members that Slack adds: ids, hash and an empty state.
    static func complete(_ view: JSONValue, id: String, _ state: WorkspaceState) -> JSONValue {
        var view = view
        view["blocks"] = .array((view["blocks"]?.array ?? []).enumerated().map { named($1, "\(id)-\($0)") })
        view["id"] = .string(id)
        view["team_id"] = .string(state.options.teamID)
        view["app_id"] = .string(state.options.appID)
        view["bot_id"] = .string(state.options.botID)
        view["hash"] = .string("\(WorkspaceState.ts(WallClock.now)).\(id)")
        view["state"] = ["values": .object([:])]
        view["root_view_id"] = .string(id)
        return view
    }

    /// Adds ids to a view's block and input without one, as Slack does.
    private static func named(_ block: JSONValue, _ name: String) -> JSONValue {
        var block = block
        block["block_id"] = block["block_id"] ?? .string(name)
        if var element = block["element"] {
            element["action_id"] = element["action_id"] ?? .string(name)
            block["element"] = element
        }
        return block
    }
}
