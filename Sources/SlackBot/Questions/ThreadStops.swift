import Analytics
import Bridge
import Logging

/// Stops the questions of a thread: `!stop`, and Slack's own Stop.
struct ThreadStops: Sendable {
    struct Place: Sendable {
        let team: String
        let channel: String
        /// ts of the root; nil outside of threads: all questions of the user in the channel.
        let thread: String?
    }

    /// How many of a user's questions are looked at where no thread is named.
    private static let newest = 50

    let stops: QuestionStops
    let live: LiveSettings
    let logger: Logger

    /// Stops the user's own questions there, all for an administrator, and returns what to tell the user.
    func stop(in place: Place, by user: String, _ principal: Principal) async -> String {
        do {
            let running = try await running(place, user, principal)
            let isAdmin = live.snapshot.policy.isAdmin(principal)
            let allowed = running.filter { isAdmin || $0.origin.userID == user }
            guard !allowed.isEmpty else {
                return running.isEmpty ? UserMessages.nothingRuns : UserMessages.onlyAskerOrAdmin
            }
            var count = 0
            for question in allowed {
                let request = StopRequest(.requested, by: user, email: principal.email)
                if try await stops.stop(question, request) { count += 1 }
            }
            return count == 0 ? UserMessages.nothingRuns : UserMessages.stopping(count)
        } catch {
            logger.warning("A thread's questions could not be stopped.", metadata: ["error": "\(error)"])
            return UserMessages.notStopped
        }
    }

    private func running(_ place: Place, _ user: String, _ principal: Principal) async throws -> [QuestionRow] {
        if let thread = place.thread {
            return try await stops.store.unended(
                inThread: SlackQuestion.threadKey(place.team, place.channel, root: thread))
        }
        let emails = [principal.email, SlackUser.provisionalEmail(user)]
        let own = try await stops.store.questions(askedBy: emails, limit: Self.newest).map(\.row)
        return own.filter { !$0.state.isTerminal && $0.origin.channel == place.channel }
    }
}
