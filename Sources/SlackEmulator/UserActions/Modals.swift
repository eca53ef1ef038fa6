package import Bridge

/// Submission and closing of modals.
enum Modals {
    /// The `view_submission` payload for the user's open modal.
    ///
    /// - Throws: ``UserActionError`` if the user has no such modal open.
    static func submission(
        _ id: String, values: JSONValue, as name: String, _ state: inout WorkspaceState
    ) throws(UserActionError) -> JSONValue {
        let person = try UserActions.actor(name, state)
        guard let index = index(id, of: person, state) else { throw UserActionError("\(name) has no view \(id) open") }
        state.modals[index].view["state"] = ["values": values]
        let trigger = "\(state.nextNumber()).\(state.nextNumber()).\(id)"
        state.triggers[trigger] = Trigger(user: person.id, expires: .now + state.options.timeouts.trigger)
        var payload = envelope("view_submission", person, state.modals[index].view, state)
        payload["trigger_id"] = .string(trigger)
        payload["response_urls"] = []
        return .object(payload)
    }

    /// Closes the user's modal. Returns the `view_closed` payload if the view has `notify_on_close`.
    ///
    /// - Throws: ``UserActionError``.
    static func close(
        _ id: String, as name: String, _ state: inout WorkspaceState
    ) throws(UserActionError) -> JSONValue? {
        let person = try UserActions.actor(name, state)
        guard let index = index(id, of: person, state) else { throw UserActionError("\(name) has no view \(id) open") }
        let view = state.modals.remove(at: index).view
        guard view["notify_on_close"] == true else { return nil }
        var payload = envelope("view_closed", person, view, state)
        payload["is_cleared"] = false
        return .object(payload)
    }

    /// Carries out the acknowledgement of a submission (docs.slack.dev, Modals: errors, update, push, clear; an empty
    /// one closes the view). Returns the app's error messages by block id.
    ///
    /// - Throws: ``APIError`` for an acknowledgement that Slack refuses.
    static func acknowledged(
        _ answer: JSONValue, view id: String, _ state: inout WorkspaceState
    ) throws(APIError) -> [String: String] {
        guard let index = state.modals.firstIndex(where: { $0.id == id }) else { return [:] }
        let user = state.modals[index].user
        switch answer["response_action"]?.string {
        case nil: state.modals.remove(at: index)
        case "clear": state.modals.removeAll { $0.user == user }
        case "errors":
            let problems = [String: String](
                (answer["errors"]?.object ?? [:]).compactMap { name, words in words.string.map { (name, $0) } },
                uniquingKeysWith: { $1 })
            let known = (state.modals[index].view["blocks"]?.array ?? []).compactMap { $0["block_id"]?.string }
            guard !problems.isEmpty, problems.keys.allSatisfy(known.contains) else {
                throw APIError("invalid_arguments", messages: ["[ERROR] errors name no block of the view"])
            }
            return problems
        case "update", "push":
            guard let view = answer["view"] else { throw APIError.missing("view") }
            try BlockKitValidator.view(view, types: ["modal"])
            let isUpdate = answer["response_action"] == "update"
            let newID = isUpdate ? id : "V0\(state.nextNumber())"
            let complete = ViewMethods.complete(view, id: newID, state)
            if isUpdate {
                state.modals[index].view = complete
            } else {
                state.modals.append(OpenModal(id: newID, user: user, view: complete))
            }
        default: throw APIError("invalid_arguments", messages: ["[ERROR] unknown response_action"])
        }
        return [:]
    }

    private static func index(_ id: String, of person: WorkspaceUser, _ state: WorkspaceState) -> Int? {
        state.modals.firstIndex { $0.id == id && $0.user == person.id }
    }

    private static func envelope(
        _ type: String, _ person: WorkspaceUser, _ view: JSONValue, _ state: WorkspaceState
    ) -> JSONObject {
        [
            "type": .string(type),
            "team": ["id": .string(state.options.teamID), "domain": .string(state.options.teamDomain)],
            "user": Interactions.user(person, state),
            "api_app_id": .string(state.options.appID), "token": "deprecated", "view": view,
            "is_enterprise_install": false, "enterprise": .null,
        ]
    }
}

/// The result of submitting a modal.
package struct ViewOutcome: Sendable, Hashable {
    /// The app acknowledged the submission without errors.
    package let isTaken: Bool
    /// What Slack shows if the acknowledgement was late, missing or invalid.
    package let error: String?
    /// The app's error messages by block id.
    package let problems: [String: String]
}

extension Emulator {
    /// Submits a modal and waits for the acknowledgement; `values` as in the view's `state.values`.
    ///
    /// - Throws: ``UserActionError``.
    package func submitView(as person: String, _ id: String, values: JSONValue) async throws -> ViewOutcome {
        let payload = try workspace.change { try Modals.submission(id, values: values, as: person, &$0) }
        let delivery = await gateway.deliver("interactive", payload, acceptsPayload: true)
        guard case .acknowledged(let answer) = delivery else {
            let words = "We had some trouble connecting. Try again?"
            return ViewOutcome(isTaken: false, error: words, problems: [:])
        }
        let result: Result<[String: String], APIError> = workspace.change { state in
            do throws(APIError) { return .success(try Modals.acknowledged(answer, view: id, &state)) } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let problems): return ViewOutcome(isTaken: problems.isEmpty, error: nil, problems: problems)
        case .failure(let error):
            trafficLog.note(.malformed, "acknowledgement", error.body(provided: []))
            return ViewOutcome(isTaken: false, error: "We had some trouble connecting. Try again?", problems: [:])
        }
    }

    /// Closes a modal and sends `view_closed` if the view has `notify_on_close`.
    ///
    /// - Throws: ``UserActionError``.
    func closeView(as person: String, _ id: String) async throws {
        guard let payload = try workspace.change({ try Modals.close(id, as: person, &$0) }) else { return }
        _ = await gateway.deliver("interactive", payload, acceptsPayload: false)
    }
}
