import Bridge

extension SlackAPI {
    /// Opens a modal for the user of an interaction (`views.open`). Throws ``SlackError``: `expired_trigger_id` three
    /// seconds after the interaction. It is not repeated, because a trigger opens one modal.
    func openView(_ view: JSONValue, trigger: String) async throws {
        _ = try await call(
            "views.open", ["trigger_id": .string(trigger), "view": view], maxWait: .seconds(2), isRepeated: false)
    }
}
