/// The bot's own identity in its workspace, from `auth.test`; cached after the first success.
actor Installation {
    private let api: SlackAPI
    private var known: BotIdentity?

    init(api: SlackAPI) { self.api = api }

    /// Throws ``SlackError``; the next call tries again.
    func identity() async throws -> BotIdentity {
        if let known { return known }
        let identity = try await api.authTest()
        known = identity
        return identity
    }
}
