import Bridge

/// `user_change`: the cached data of the user is out of date.
struct UserChangeListener: Listener {
    let installation: Installation
    let directory: SlackDirectory

    let keys = [ListenerKey.event("user_change")]

    /// Throws ``SlackError`` when `auth.test` failed.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let bot = try await installation.identity()
        if let user = envelope.payload["event"]?["user"]?["id"]?.string {
            await directory.forget(user, team: bot.team(of: envelope.payload))
        }
        return .empty
    }
}
