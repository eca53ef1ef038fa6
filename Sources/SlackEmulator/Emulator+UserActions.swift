import Bridge

// People are named by handle (`ana`) or id, places by `#name`, `@name` (the app's DM with that person) or id.
extension Emulator {
    /// Types a message. `@name` and `#name` become ids as in a client. Gives its ts. Throws ``UserActionError``.
    @discardableResult
    package func say(as person: String, in place: String, _ text: String, thread: String? = nil) throws -> String {
        try workspace.change { try UserActions.say(text, as: person, in: place, thread: thread, &$0) }
    }

    /// Replaces the words of one's own message. Throws ``UserActionError``.
    package func edit(as person: String, in place: String, _ ts: String, to text: String) throws {
        try workspace.change { try UserActions.edit(ts, in: place, as: person, to: text, &$0) }
    }

    /// Deletes one's own message. Throws ``UserActionError``.
    package func delete(as person: String, in place: String, _ ts: String) throws {
        try workspace.change { try UserActions.delete(ts, in: place, as: person, &$0) }
    }

    /// Gives a reaction, named without colons. Throws ``UserActionError``.
    package func react(as person: String, in place: String, _ ts: String, _ reaction: String) throws {
        try workspace.change { try UserActions.react(reaction, as: person, to: ts, in: place, &$0) }
    }

    /// Brings the bot into a channel. Throws ``UserActionError``.
    package func invite(as person: String, to place: String) throws {
        try workspace.change { try UserActions.invite(to: place, by: person, &$0) }
    }

    /// Opens the app's Home; `tab` is `home` or `messages`. Throws ``UserActionError``.
    package func openHome(as person: String, tab: String = "home") throws {
        try workspace.change { state in
            let person = try UserActions.actor(person, state)
            Events.homeOpened(by: person.id, tab: tab, &state)
        }
    }

    /// Runs a slash command and waits for its acknowledgement, within Slack's deadline. Throws ``UserActionError``.
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

    /// Presses the element `action` (its action_id) of a message and waits for the acknowledgement. Throws
    /// ``UserActionError``.
    package func press(
        as person: String, in place: String, _ ts: String, action: String, value: String? = nil
    ) async throws -> UserActionResult {
        let prepared = try workspace.change {
            try Interactions.press(action, value: value, of: ts, in: place, as: person, &$0)
        }
        let delivery = await gateway.deliver("interactive", prepared.payload, acceptsPayload: false)
        return workspace.change { state in
            guard case .acknowledged = delivery else {
                return Self.failed(delivery, prepared, "This button failed with the error", &state)
            }
            return UserActionResult(
                wasAcknowledged: true, error: nil, triggerID: prepared.trigger, responseURL: prepared.responseURL)
        }
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

// What a test or a demo looks at.
extension Emulator {
    /// The workspace now.
    package var snapshot: WorkspaceSnapshot {
        WorkspaceSnapshot(
            state: workspace.read { $0 }, connections: gateway.connections, traffic: trafficLog.entries)
    }

    package func messages(_ place: String) -> [EmulatedMessage] { snapshot.messages(place) }
    package func thread(_ place: String, _ ts: String) -> [EmulatedMessage] { snapshot.thread(place, ts) }
    package func ephemerals(_ person: String) -> [EmulatedMessage] { snapshot.ephemerals(person) }
    package var traffic: [TrafficLogEntry] { trafficLog.entries }

    /// Waits until the condition gives something, looking after every change; nil when the time is over first.
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

    /// As ``waitFor(within:_:)-(_,(WorkspaceSnapshot)->Value?)``, for a condition that holds or does not.
    @discardableResult
    package func waitUntil(
        within time: Duration = .seconds(20), _ condition: @escaping @Sendable (WorkspaceSnapshot) -> Bool
    ) async -> Bool {
        await waitFor(within: time) { condition($0) ? true : nil } ?? false
    }
}

// What goes wrong on purpose.
extension Emulator {
    /// Adds a fault of the Web API; it hits the next calls of its method.
    package func inject(_ fault: APIFault) { faults.add(fault) }

    /// Takes back every fault of the Web API that still waits.
    package func clearFaults() { faults.clear() }

    /// Hits open Socket Mode connections; gives how many. Returns when the fault is over (a warned socket is closed).
    @discardableResult
    package func inflict(_ fault: SocketFault, on selector: ConnectionSelector = .all) async -> Int {
        await gateway.inflict(fault, on: selector)
    }

    /// From now on no connection gets its `hello`; or again every one.
    package func withholdHello(_ isWithheld: Bool) { gateway.withholdHello(isWithheld) }

    /// The next upgrades are refused with this HTTP status.
    package func refuseUpgrades(status: Int, times: Int = 1) { gateway.refuseUpgrades(status: status, times: times) }
}
