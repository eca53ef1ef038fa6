import Bridge

/// The actions of users, as changes of the state.
enum UserActions {
    /// The active user with this handle or id.
    static func actor(_ name: String, _ state: WorkspaceState) throws(UserActionError) -> WorkspaceUser {
        guard let person = state.person(name), !person.isBot else { throw UserActionError("nobody is called \(name)") }
        guard !person.deleted else { throw UserActionError("\(name) is deactivated") }
        return person
    }

    /// A channel that the user is a member of; users of other workspaces may use all public ones, as through Slack
    /// Connect.
    static func place(
        _ name: String, for person: WorkspaceUser, _ state: WorkspaceState
    ) throws(UserActionError) -> ChannelState {
        let reference = name == "@\(state.options.bot.name)" ? WorkspaceState.directID(person.id) : name
        guard let channel = state.channel(reference) else { throw UserActionError("there is no channel \(name)") }
        guard channel.members.contains(person.id) || (person.isStranger && channel.kind == .channel) else {
            throw UserActionError("\(person.name) is not in \(name)")
        }
        guard !channel.isArchived else { throw UserActionError("\(name) is archived") }
        return channel
    }

    static func say(
        _ typed: String, as name: String, in place: String, thread: String?, sharing shared: JSONValue? = nil,
        files: [UserFile] = [], _ state: inout WorkspaceState
    ) throws(UserActionError) -> String {
        let person = try actor(name, state)
        let channel = try self.place(place, for: person, state)
        guard shared != nil || !files.isEmpty || !typed.allSatisfy(\.isWhitespace) else {
            throw UserActionError("an empty message cannot be sent")
        }
        guard typed.count <= PostMethods.textLimit else {
            throw UserActionError("a message may have \(PostMethods.textLimit) characters")
        }
        guard files.count <= UserFile.most, files.allSatisfy({ !$0.bytes.isEmpty }) else {
            throw UserActionError("a message may have \(UserFile.most) files, none of them empty")
        }
        var root = thread
        if let thread {
            guard let parent = state.message(channel: channel.id, ts: thread) else {
                throw UserActionError("there is no message \(thread)")
            }
            root = parent.isReply ? parent.threadTS : thread
        }
        let text = ComposerText.encode(typed, in: state)
        var message = EmulatedMessage(ts: state.nextTS(), channel: channel.id, user: person.id, text: text)
        message.threadTS = root
        if !typed.isEmpty { message.blocks = [ComposerText.richText(text)] }
        if let shared { message.attachments = [shared] }
        if !files.isEmpty {
            message.files = FileMethods.attach(files, by: person.id, &state)
            message.subtype = "file_share"
        }
        state.messages.append(message)
        Events.message(message, &state)
        return message.ts
    }

    /// A thread of `assistant_view`, with the root that Slack posts as the app.
    static func beginThread(of user: String, _ state: inout WorkspaceState) {
        let channel = WorkspaceState.directID(user)
        var root = EmulatedMessage(
            ts: state.nextTS(), channel: channel, user: state.options.bot.id, text: "New Assistant Thread")
        root.botID = state.options.botID
        root.subtype = "assistant_app_thread"
        state.messages.append(root)
        let event: JSONValue = [
            "type": "assistant_thread_started", "event_ts": .string(state.nextTS()),
            "assistant_thread": [
                "user_id": .string(user), "context": [:], "channel_id": .string(channel), "thread_ts": .string(root.ts),
            ],
        ]
        Events.send("assistant_thread_started", event, &state)
    }

    /// Stops a stream: the app's next append is refused (docs.slack.dev, agent sessions).
    static func stopStream(
        _ ts: String, in place: String, as name: String, _ state: inout WorkspaceState
    ) throws(UserActionError) {
        let person = try actor(name, state)
        let channel = try self.place(place, for: person, state)
        let key = "\(channel.id):\(ts)"
        guard let index = state.index(channel: channel.id, ts: ts), state.streams.removeValue(forKey: key) != nil else {
            throw UserActionError("there is no stream \(ts)")
        }
        state.stoppedStreams.insert(key)
        state.messages[index].isStreaming = false
        let event: JSONValue = [
            "type": "agent_session_stopped", "channel": .string(channel.id),
            "thread_ts": .string(state.messages[index].threadTS ?? ts), "user": .string(person.id),
            "streaming_message_ts": [.string(ts)], "event_ts": .string(state.nextTS()),
        ]
        Events.send("agent_session_stopped", event, &state)
    }

    /// The attachment with which Slack forwards a message that the user can see.
    static func share(
        _ ts: String, from place: String, as name: String, _ state: WorkspaceState
    ) throws(UserActionError) -> JSONValue {
        let person = try actor(name, state)
        let channel = try self.place(place, for: person, state)
        guard let message = state.message(channel: channel.id, ts: ts), !message.isEphemeral else {
            throw UserActionError("there is no message \(ts)")
        }
        let author = state.person(message.user)?.realName ?? message.user
        let link = "\(state.baseURL)/archives/\(channel.id)/p\(ts.filter { $0 != "." })"
        var shared: JSONValue = [
            "is_share": true, "is_msg_unfurl": true, "ts": .string(ts), "author_id": .string(message.user),
            "author_name": .string(author), "author_subname": .string(author), "channel_id": .string(channel.id),
            "channel_team": .string(state.options.teamID), "from_url": .string(link), "original_url": .string(link),
            "text": .string(message.text), "id": 1, "mrkdwn_in": ["text"], "footer": "Posted in Slack",
            "fallback": .string("[\(ts)] \(author): \(message.text)"),
            "message_blocks": [
                [
                    "team": .string(state.options.teamID), "channel": .string(channel.id), "ts": .string(ts),
                    "message": ["blocks": .array(message.blocks)],
                ]
            ],
        ]
        if channel.kind == .channel { shared["channel_name"] = .string(channel.name) }
        if !message.files.isEmpty { shared["files"] = .array(FileMethods.forEvent(message.files, state)) }
        return shared
    }

    static func edit(
        _ ts: String, in place: String, as name: String, to typed: String, _ state: inout WorkspaceState
    ) throws(UserActionError) {
        let (index, message) = try own(ts, in: place, as: name, state)
        var edited = message
        edited.text = ComposerText.encode(typed, in: state)
        edited.blocks = [ComposerText.richText(edited.text)]
        UpdateMethods.apply(edited, over: message, at: index, &state)
    }

    static func delete(
        _ ts: String, in place: String, as name: String, _ state: inout WorkspaceState
    ) throws(UserActionError) {
        let (index, message) = try own(ts, in: place, as: name, state)
        let hasReplies = state.messages.contains { $0.channel == message.channel && $0.threadTS == ts && $0.ts != ts }
        guard hasReplies else { return UpdateMethods.remove(at: index, &state) }
        // The root of a thread stays in its place, and Slack sends message_changed (slack-edge/slack-edge#10).
        var tombstone = message
        (tombstone.user, tombstone.text, tombstone.subtype) = ("USLACKBOT", "This message was deleted.", "tombstone")
        (tombstone.blocks, tombstone.attachments, tombstone.files) = ([], [], [])
        UpdateMethods.apply(tombstone, over: message, at: index, marksEdit: false, &state)
    }

    static func react(
        _ reaction: String, as name: String, to ts: String, in place: String, _ state: inout WorkspaceState
    ) throws(UserActionError) {
        let person = try actor(name, state)
        let channel = try self.place(place, for: person, state)
        guard let index = state.index(channel: channel.id, ts: ts) else {
            throw UserActionError("there is no message \(ts)")
        }
        guard ReactionMethods.give(reaction, by: person.id, at: index, &state) else {
            throw UserActionError("\(name) has given that reaction already")
        }
    }

    /// Adds the bot to a channel, as `/invite` does.
    static func invite(to place: String, by name: String, _ state: inout WorkspaceState) throws(UserActionError) {
        let person = try actor(name, state)
        let channel = try self.place(place, for: person, state)
        let bot = state.options.bot.id
        guard let index = state.channels.firstIndex(where: { $0.id == channel.id }), !channel.members.contains(bot)
        else { throw UserActionError("the bot is in \(place) already") }
        state.channels[index].members.append(bot)
        Events.joined(bot, channel: state.channels[index], by: person.id, &state)
    }

    private static func own(
        _ ts: String, in place: String, as name: String, _ state: WorkspaceState
    ) throws(UserActionError) -> (Int, EmulatedMessage) {
        let person = try actor(name, state)
        let channel = try self.place(place, for: person, state)
        guard let index = state.index(channel: channel.id, ts: ts), state.messages[index].user == person.id else {
            throw UserActionError("there is no message \(ts) of \(name)")
        }
        return (index, state.messages[index])
    }
}
