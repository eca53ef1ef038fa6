import Bridge

extension SlackAPI {
    /// Opens a modal (`views.open`).
    ///
    /// - Parameter trigger: the `trigger_id` of the user's action, which Slack accepts once and for three seconds.
    /// - Throws: ``SlackError``.
    func openView(_ view: JSONValue, trigger: String) async throws {
        _ = try await call("views.open", ["trigger_id": .string(trigger), "view": view], maxWait: .seconds(1))
    }
}
