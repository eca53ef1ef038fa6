import Bridge

// A user is named by handle (`ana`) or id; a channel by `#name`, by `@name` (the app's DM with that user) or by id.
extension Emulator {
    /// Posts a message as a user; with files its text may be empty. `@name` and `#name` become ids, as in Slack's clients. Returns its ts.
    ///
    /// - Throws: ``UserActionError``.
    @discardableResult
    package func say(
        as person: String, in place: String, _ text: String, thread: String? = nil, files: [UserFile] = []
    ) throws -> String {
        try workspace.change { try UserActions.say(text, as: person, in: place, thread: thread, files: files, &$0) }
    }

    /// Forwards a message, with a comment that may be empty, as "Share message" does. Returns the new message's ts.
    ///
    /// - Throws: ``UserActionError``.
    @discardableResult
    package func share(
        as person: String, _ ts: String, from place: String, to target: String, _ comment: String = "",
        thread: String? = nil
    ) throws -> String {
        try workspace.change { state in
            let shared = try UserActions.share(ts, from: place, as: person, state)
            return try UserActions.say(comment, as: person, in: target, thread: thread, sharing: shared, &state)
        }
    }

    /// Replaces the text of the user's own message.
    ///
    /// - Throws: ``UserActionError``.
    package func edit(as person: String, in place: String, _ ts: String, to text: String) throws {
        try workspace.change { try UserActions.edit(ts, in: place, as: person, to: text, &$0) }
    }

    /// Deletes the user's own message.
    ///
    /// - Throws: ``UserActionError``.
    package func delete(as person: String, in place: String, _ ts: String) throws {
        try workspace.change { try UserActions.delete(ts, in: place, as: person, &$0) }
    }

    /// Adds a reaction, named without colons.
    ///
    /// - Throws: ``UserActionError``.
    package func react(as person: String, in place: String, _ ts: String, _ reaction: String) throws {
        try workspace.change { try UserActions.react(reaction, as: person, to: ts, in: place, &$0) }
    }

    /// Stops the stream of a message: the app's next append is refused with `stopped_by_user`.
    ///
    /// - Throws: ``UserActionError``.
    package func stopStream(as person: String, in place: String, _ ts: String) throws {
        try workspace.change { try UserActions.stopStream(ts, in: place, as: person, &$0) }
    }

    /// Invites the bot to a channel.
    ///
    /// - Throws: ``UserActionError``.
    package func invite(as person: String, to place: String) throws {
        try workspace.change { try UserActions.invite(to: place, by: person, &$0) }
    }

    /// Opens a tab of the app's direct messages: `home` or `messages`.
    ///
    /// - Throws: ``UserActionError``.
    package func openHome(as person: String, tab: String = "home") throws {
        try workspace.change { state in
            let person = try UserActions.actor(person, state)
            Events.homeOpened(by: person.id, tab: tab, &state)
            if tab == "messages", state.options.hasAssistantView { UserActions.beginThread(of: person.id, &state) }
        }
    }

    /// Runs a slash command and waits for its acknowledgement, at most ``SlackTimeouts/acknowledgement``.
    ///
    /// - Throws: ``UserActionError``.
    package func command(
        as person: String, in place: String, _ command: String, _ text: String = ""
    ) async throws -> UserActionResult {
        let prepared = try workspace.change { try Interactions.command(command, text, as: person, in: place, &$0) }
        let delivery = await gateway.deliver("slash_commands", prepared.payload, acceptsPayload: true)
        guard case .acknowledged(let payload) = delivery else {
            return workspace.change { Self.failed(delivery, prepared, "\(command) failed with the error", &$0) }
        }
        let problem: APIError? = workspace.change { state in
            do throws(APIError) { try Responses.acknowledged(payload, by: prepared.responseID, &state) } catch {
                return error
            }
            return nil
        }
        if let problem { trafficLog.note(.malformed, "acknowledgement", problem.body(provided: [])) }
        return UserActionResult(
            wasAcknowledged: true, error: nil, triggerID: prepared.trigger, responseURL: prepared.responseURL)
    }

    /// Activates the element of a message whose action_id is `action`, and waits for the acknowledgement. `value`
    /// selects an option, a user, or a side of feedback buttons.
    ///
    /// - Throws: ``UserActionError``.
    package func press(
        as person: String, in place: String, _ ts: String, action: String, value: String? = nil
    ) async throws -> UserActionResult {
        let prepared = try workspace.change {
            try Interactions.press(action, value: value, of: ts, in: place, as: person, &$0)
        }
        return await deliver(prepared, of: "button")
    }

    /// Activates the element of the app's Home whose action_id is `action`, and that value if one is given; waits for the
    /// acknowledgement.
    ///
    /// - Throws: ``UserActionError``.
    package func pressHome(as person: String, action: String, value: String? = nil) async throws -> UserActionResult {
        let prepared = try workspace.change { try Interactions.pressHome(action, value: value, as: person, &$0) }
        return await deliver(prepared, of: "button")
    }

    /// Chooses a message shortcut, and waits for the acknowledgement.
    ///
    /// - Throws: ``UserActionError``.
    package func shortcut(
        as person: String, in place: String, _ ts: String, _ callbackID: String
    ) async throws -> UserActionResult {
        let prepared = try workspace.change {
            try Interactions.shortcut(callbackID, on: ts, in: place, as: person, &$0)
        }
        return await deliver(prepared, of: "shortcut")
    }

    /// Delivers an interaction and waits for the acknowledgement.
    ///
    /// - Parameter element: what the user activated, for the notice of a failure.
    private func deliver(_ prepared: Interactions.Prepared, of element: String) async -> UserActionResult {
        let delivery = await gateway.deliver("interactive", prepared.payload, acceptsPayload: false)
        guard case .acknowledged = delivery else {
            return workspace.change { Self.failed(delivery, prepared, "This \(element) failed with the error", &$0) }
        }
        return UserActionResult(
            wasAcknowledged: true, error: nil, triggerID: prepared.trigger, responseURL: prepared.responseURL)
    }

    private static func failed(
        _ delivery: Delivery, _ prepared: Interactions.Prepared, _ words: String, _ state: inout WorkspaceState
    ) -> UserActionResult {
        let error = if case .late = delivery { "operation_timeout" } else { "dispatch_failed" }
        state.notices.append(
            Notice(
                ts: state.nextTS(), user: prepared.user, channel: prepared.channel, thread: prepared.thread,
                text: "\(words) \"\(error)\""))
        return UserActionResult(
            wasAcknowledged: false, error: error, triggerID: prepared.trigger, responseURL: prepared.responseURL)
    }
}

// Observation, for tests and the demo.
extension Emulator {
    /// A copy of the current state.
    package var snapshot: WorkspaceSnapshot {
        WorkspaceSnapshot(
            state: workspace.read { $0 }, connections: gateway.connections, traffic: trafficLog.entries)
    }

    /// As ``WorkspaceSnapshot/messages(_:)``, of the current state.
    package func messages(_ place: String) -> [EmulatedMessage] { snapshot.messages(place) }
    /// As ``WorkspaceSnapshot/thread(_:_:)``, of the current state.
    package func thread(_ place: String, _ ts: String) -> [EmulatedMessage] { snapshot.thread(place, ts) }
    /// As ``WorkspaceSnapshot/ephemerals(_:)``, of the current state.
    package func ephemerals(_ person: String) -> [EmulatedMessage] { snapshot.ephemerals(person) }
    /// The traffic log, oldest first; at most the newest 20,000 entries.
    package var traffic: [TrafficLogEntry] { trafficLog.entries }

    /// Evaluates `condition` now and after every change until it returns a value; nil after `time` without one.
    package func waitFor<Value: Sendable>(
        within time: Duration = .seconds(20), _ condition: @escaping @Sendable (WorkspaceSnapshot) -> Value?
    ) async -> Value? {
        let result = await withDeadline(time) { [self] () -> Value? in
            for await _ in workspace.changes() {
                if let value = condition(snapshot) { return value }
            }
            return nil
        }
        return result.inTime ?? nil
    }

    /// As ``waitFor(within:_:)-(_,(WorkspaceSnapshot)->Value?)`` for a Boolean condition; false after `time`.
    @discardableResult
    package func waitUntil(
        within time: Duration = .seconds(20), _ condition: @escaping @Sendable (WorkspaceSnapshot) -> Bool
    ) async -> Bool {
        await waitFor(within: time) { condition($0) ? true : nil } ?? false
    }
}

// Injected faults.
extension Emulator {
    /// Adds a fault of the Web API; it applies to the next calls of its method.
    package func inject(_ fault: APIFault) { faults.add(fault) }

    /// Removes all faults of the Web API that have not been used up.
    package func clearFaults() { faults.clear() }

    /// Applies a fault to open Socket Mode connections and returns their number. Returns when the fault is over: for
    /// `warn` and `refresh` when the connection is closed.
    @discardableResult
    package func inflict(_ fault: SocketFault, on selector: ConnectionSelector = .all) async -> Int {
        await gateway.inflict(fault, on: selector)
    }

    /// While true, new connections get no `hello`; those that are open stay as they are.
    package func withholdHello(_ isWithheld: Bool) { gateway.withholdHello(isWithheld) }

    /// Refuses the next `times` WebSocket upgrades with this HTTP status.
    package func refuseUpgrades(status: Int, times: Int = 1) { gateway.refuseUpgrades(status: status, times: times) }
}
