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
        _ typed: String, as name: String, in place: String, thread: String?, _ state: inout WorkspaceState
    ) throws(UserActionError) -> String {
        let person = try actor(name, state)
        let channel = try self.place(place, for: person, state)
        guard !typed.allSatisfy(\.isWhitespace) else { throw UserActionError("an empty message cannot be sent") }
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
        message.blocks = [ComposerText.richText(text)]
        state.messages.append(message)
        Events.message(message, &state)
        return message.ts
    }

    static func edit(
        _ ts: String, in place: String, as name: String, to typed: String, _ state: inout WorkspaceState
    ) throws(UserActionError) {
        let (index, message) = try own(ts, in: place, as: name, state)
        var edited = message
        edited.text = ComposerText.encode(typed, in: state)
        edited.blocks = [ComposerText.richText(edited.text)]
        UpdateMethods.apply(edited, over: message, at: index, by: message.user, &state)
    }

    static func delete(
        _ ts: String, in place: String, as name: String, _ state: inout WorkspaceState
    ) throws(UserActionError) {
        let (index, _) = try own(ts, in: place, as: name, state)
        UpdateMethods.remove(at: index, &state)
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
