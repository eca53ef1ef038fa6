/// The app's own identity in its workspace, asked once (`auth.test`).
actor Installation {
    private let api: SlackAPI
    private var known: BotIdentity?

    init(api: SlackAPI) { self.api = api }

    /// Throws ``SlackError``; a later call asks again.
    func identity() async throws -> BotIdentity {
        if let known { return known }
        let identity = try await api.authTest()
        known = identity
        return identity
    }
}
