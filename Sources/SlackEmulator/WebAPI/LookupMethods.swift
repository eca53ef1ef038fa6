import Bridge

/// auth.test, users.*, conversations.info, conversations.list and conversations.open.
enum LookupMethods {
    static func authTest(_ state: WorkspaceState, _ call: APIArguments) -> JSONObject {
        let options = state.options
        return [
            "ok": true, "url": .string("\(state.baseURL)/"), "team": .string(options.teamName),
            "user": .string(options.bot.name), "team_id": .string(options.teamID), "user_id": .string(options.bot.id),
            "bot_id": .string(options.botID), "is_enterprise_install": false,
        ]
    }

    static func userInfo(_ state: WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let id = try call.required("user")
        guard let person = state.people.first(where: { $0.id == id }) else { throw APIError("user_not_found") }
        return ["ok": true, "user": user(person, in: state)]
    }

    static func userByEmail(_ state: WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let email = try call.required("email").lowercased()
        guard let person = state.people.first(where: { $0.email?.lowercased() == email && !$0.deleted }) else {
            throw APIError("users_not_found")
        }
        return ["ok": true, "user": user(person, in: state)]
    }

    static func userList(_ state: WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let (page, cursor) = try page(state.people, call)
        return [
            "ok": true, "members": .array(page.map { user($0, in: state) }),
            "response_metadata": ["next_cursor": .string(cursor)],
        ]
    }

    static func conversationInfo(_ state: WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let channel = try visible(try call.required("channel"), in: state)
        return ["ok": true, "channel": conversation(channel, in: state)]
    }

    static func conversationList(_ state: WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let types = (try call.string("types") ?? "public_channel").split(separator: ",").map {
            $0.trimmingPrefix { $0 == " " }
        }
        let known = ["public_channel": ChannelState.Kind.channel, "private_channel": .group, "im": .im]
        let scopes = [
            "public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read", "mpim": "mpim:read",
        ]
        for type in types {
            guard let scope = scopes[String(type)] else { throw APIError("invalid_types") }
            guard state.options.scopes.contains(scope) else { throw APIError("missing_scope", needed: scope) }
        }
        let kinds = types.compactMap { known[String($0)] }
        let skipsArchived = try call.bool("exclude_archived") ?? false
        let bot = state.options.bot.id
        let all = state.channels.filter { channel in
            kinds.contains(channel.kind) && (channel.kind == .channel || channel.members.contains(bot))
                && !(skipsArchived && channel.isArchived)
        }
        let (page, cursor) = try page(all, call)
        return [
            "ok": true, "channels": .array(page.map { conversation($0, in: state) }),
            "response_metadata": ["next_cursor": .string(cursor)],
        ]
    }

    static func openConversation(_ state: WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        if let id = try call.string("channel") {
            guard let channel = state.channels.first(where: { $0.id == id && $0.kind == .im }) else {
                throw APIError("channel_not_found")
            }
            return ["ok": true, "channel": ["id": .string(channel.id)]]
        }
        let users = try call.required("users").split(separator: ",").map(String.init)
        guard users.count == 1, let id = users.first else { throw APIError("method_not_supported_for_channel_type") }
        guard let person = state.people.first(where: { $0.id == id }) else { throw APIError("user_not_found") }
        guard !person.deleted else { throw APIError("user_disabled") }
        guard let channel = state.channel(WorkspaceState.directID(id)) else { throw APIError("cannot_dm_bot") }
        return ["ok": true, "channel": ["id": .string(channel.id)]]
    }

    /// A conversation that the bot can see: a public channel, or one that it is a member of.
    ///
    /// - Throws: ``APIError`` `channel_not_found`.
    static func visible(_ id: String, in state: WorkspaceState) throws(APIError) -> ChannelState {
        guard let channel = state.channels.first(where: { $0.id == id }),
            channel.kind == .channel || channel.members.contains(state.options.bot.id)
        else { throw APIError("channel_not_found") }
        return channel
    }

    /// One page of a list by `limit` and `cursor`, and the next cursor; empty after the last page.
    static func page<Item>(_ items: [Item], _ call: APIArguments) throws(APIError) -> (items: ArraySlice<Item>, String)
    {
        let limit = try call.int("limit") ?? 100
        guard (1...999).contains(limit) else { throw APIError("invalid_limit") }
        var start = 0
        if let cursor = try call.string("cursor"), !cursor.isEmpty {
            guard cursor.hasPrefix("at:"), let at = Int(cursor.dropFirst(3)), at <= items.count, at >= 0 else {
                throw APIError("invalid_cursor")
            }
            start = at
        }
        let end = min(items.count, start + limit)
        return (items[start..<end], end < items.count ? "at:\(end)" : "")
    }

    static func user(_ person: WorkspaceUser, in state: WorkspaceState) -> JSONValue {
        let team = JSONValue.string(person.teamID(own: state.options.teamID))
        var profile: JSONObject = [
            "real_name": .string(person.realName), "display_name": .string(person.name), "team": team,
            "real_name_normalized": .string(person.realName), "display_name_normalized": .string(person.name),
        ]
        if let email = person.email, state.options.scopes.contains("users:read.email") {
            profile["email"] = .string(email)
        }
        var user: JSONObject = [
            "id": .string(person.id), "team_id": team, "name": .string(person.name), "deleted": .bool(person.deleted),
            "profile": .object(profile), "is_bot": .bool(person.isBot), "is_app_user": false, "updated": 1_795_341_600,
        ]
        if person.isStranger { user["is_stranger"] = true }
        if let teams = person.enterpriseTeams {
            user["enterprise_user"] = [
                "id": .string(person.id), "enterprise_id": "E0ACME", "enterprise_name": "Acme Group",
                "is_admin": false, "is_owner": false, "is_primary_owner": false,
                "teams": .array(teams.map { .string($0) }),
            ]
        }
        if person.deleted || person.isStranger { return .object(user) }
        user["real_name"] = .string(person.realName)
        user["tz"] = .string(person.tz)
        for flag in ["is_admin", "is_owner", "is_primary_owner", "is_ultra_restricted"] { user[flag] = false }
        user["is_restricted"] = .bool(person.isRestricted)
        user["is_email_confirmed"] = .bool(person.email != nil)
        return .object(user)
    }

    private static func conversation(_ channel: ChannelState, in state: WorkspaceState) -> JSONValue {
        let isMember = channel.members.contains(state.options.bot.id)
        if channel.kind == .im {
            return [
                "id": .string(channel.id), "is_im": true, "is_channel": false, "is_group": false, "is_mpim": false,
                "is_private": true, "is_archived": false, "user": .string(channel.members.first ?? ""),
                "context_team_id": .string(state.options.teamID), "created": 1_795_341_600, "is_org_shared": false,
            ]
        }
        return [
            "id": .string(channel.id), "name": .string(channel.name), "name_normalized": .string(channel.name),
            "is_channel": .bool(channel.kind == .channel), "is_group": .bool(channel.kind == .group), "is_im": false,
            "is_mpim": false, "is_private": .bool(channel.kind == .group), "is_archived": .bool(channel.isArchived),
            "is_member": .bool(isMember), "is_general": .bool(channel.name == "general"),
            "is_shared": .bool(channel.isExternallyShared), "is_ext_shared": .bool(channel.isExternallyShared),
            "is_org_shared": false, "created": 1_795_341_600,
            "context_team_id": .string(state.options.teamID),
            "topic": ["value": .string(channel.topic), "creator": "", "last_set": 0],
            "purpose": ["value": "", "creator": "", "last_set": 0],
        ]
    }
}
