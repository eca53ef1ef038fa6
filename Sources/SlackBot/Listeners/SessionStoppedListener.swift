import Bridge
import Logging

/// `agent_session_stopped`: a user has pressed Slack's own Stop in a thread. The questions there that this user may stop
/// are stopped after the acknowledgement.
struct SessionStoppedListener: Listener {
    let installation: Installation
    let stops: ThreadStops
    let resolver: PrincipalResolver
    let deferred: DeferredWork
    let logger: Logger

    let keys = [ListenerKey.event("agent_session_stopped")]

    /// Throws ``SlackError`` when `auth.test` failed.
    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let event = envelope.payload["event"]
        guard let user = event?["user"]?.string, let channel = event?["channel"]?.string,
            let thread = event?["thread_ts"]?.string, let time = event?["event_ts"]?.string
        else { return .ignored("stop without its fields", logger) }
        let team = try await installation.identity().team(of: envelope.payload)
        deferred.add("stop:\(channel):\(thread):\(time)") {
            guard case .known(let principal) = await resolver.principal(slackUser: user, team: team) else { return }
            _ = await stops.stop(
                in: ThreadStops.Place(team: team, channel: channel, thread: thread), by: user, principal)
        }
        return .empty
    }
}
