import Bridge

extension SlackAPI {
    /// Opens a modal (`views.open`). It is not repeated, because a trigger opens one modal.
    ///
    /// - Parameter trigger: the `trigger_id` of the user's action, which Slack accepts once and for three seconds.
    /// - Throws: ``SlackError``: `expired_trigger_id` three seconds after the action.
    func openView(_ view: JSONValue, trigger: String) async throws {
        _ = try await call(
            "views.open", ["trigger_id": .string(trigger), "view": view], maxWait: .seconds(2), isRepeated: false)
    }
}
