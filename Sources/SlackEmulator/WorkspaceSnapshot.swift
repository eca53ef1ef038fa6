package import Bridge

/// A copy of the workspace's state, for conditions and assertions.
package struct WorkspaceSnapshot: Sendable {
    let state: WorkspaceState
    /// The number of open Socket Mode connections, and of those that have received `hello`.
    package let connections: (open: Int, live: Int)
    /// The traffic log, oldest first.
    package let traffic: [TrafficLogEntry]

    /// The messages of a channel, oldest first, with replies and without ephemeral ones. `channel` is `#name`, `@name`
    /// for the app's DM with that user, or an id.
    package func messages(_ channel: String) -> [EmulatedMessage] {
        guard let id = state.channel(channel)?.id else { return [] }
        return state.messages.filter { $0.channel == id && !$0.isEphemeral }
    }

    /// A thread: its root and the replies, oldest first.
    package func thread(_ channel: String, _ ts: String) -> [EmulatedMessage] {
        messages(channel).filter { $0.ts == ts || $0.threadTS == ts }
    }

    /// The ephemeral messages of a user, in all channels.
    package func ephemerals(_ person: String) -> [EmulatedMessage] {
        guard let id = state.person(person)?.id else { return [] }
        return state.messages.filter { $0.onlyFor == id }
    }

    /// The messages that Slack itself showed to a user.
    package func notices(_ person: String) -> [Notice] {
        guard let id = state.person(person)?.id else { return [] }
        return state.notices.filter { $0.user == id }
    }

    /// The agent's status of a thread, without the app's name; nil without one.
    package func status(_ channel: String, _ ts: String) -> String? {
        state.channel(channel).flatMap { state.visibleStatuses["\($0.id):\(ts)"] }
    }

    /// The agent's session in a thread; nil without one.
    package func session(_ channel: String, _ ts: String) -> AgentSession? {
        state.channel(channel).flatMap { state.sessions["\($0.id):\(ts)"] }
    }

    /// The title that the app gave a thread; nil without one.
    package func title(_ channel: String, _ ts: String) -> String? {
        state.channel(channel).flatMap { state.titles["\($0.id):\(ts)"] }
    }

    /// The prompts that the app suggests to a user in its direct messages.
    package func prompts(_ person: String) -> [(title: String, message: String)] {
        let prompts = state.person(person).flatMap { state.prompts[WorkspaceState.directID($0.id)] } ?? []
        return prompts.map { ($0["title"]?.string ?? "", $0["message"]?.string ?? "") }
    }

    /// The Home that the app published for a user; nil if it has not.
    package func home(_ person: String) -> JSONValue? { state.person(person).flatMap { state.homes[$0.id] } }

    /// The modals that a user has open, the one on top last.
    package func modals(_ person: String) -> [JSONValue] {
        guard let id = state.person(person)?.id else { return [] }
        return state.modals.filter { $0.user == id }.map(\.view)
    }

    /// Calls of a method, oldest first.
    package func calls(_ method: String) -> [TrafficLogEntry] {
        traffic.filter { $0.kind == .call && $0.name == method }
    }
}
