import Analytics
import Bridge
import Logging
import ServiceLifecycle

/// The button Stop of a question that is being answered, below its progress message or in the App Home. Only the asker
/// and administrators may press it.
struct StopListener: Listener {
    let buttons: AnswerButtons
    let stops: QuestionStops
    let homes: HomePublisher

    /// How often and how long it is looked whether a stopped question has ended: another process learns of the stop with
    /// the next renewal of its lease.
    private static let (pause, longestEnd) = (Duration.milliseconds(500), Duration.seconds(30))

    let keys = [ListenerKey.action(StopView.actionID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        guard let press = HomePress(envelope.payload) else {
            return buttons.handle(envelope) {
                guard $0.isAsker || $0.isAdmin else { return UserMessages.onlyAskerOrAdmin }
                return try await stop($0.question, by: $0.action.user, $0.principal) ? nil : UserMessages.hasEnded
            }
        }
        buttons.deferred.add(press.triggerID) { await stop(press) }
        return .empty
    }

    /// The message of the question, or the Home, shows the stop.
    private func stop(_ question: QuestionRow, by user: String, _ principal: Principal) async throws -> Bool {
        try await stops.stop(question, StopRequest(.requested, by: user, email: principal.email))
    }

    /// The Home has no place for a reply: it is drawn again, and once more when the stop has ended the question. This
    /// process may not have drawn it before.
    private func stop(_ press: HomePress) async {
        let user = press.user
        do {
            let isStopped = try await stopOwn(press)
            let channel = try await buttons.api.directChannel(of: user.id)
            let visitor = HomeVisitor(user: user.id, team: user.team, channel: channel)
            homes.open(visitor)
            if isStopped, await ends(press.question) { homes.open(visitor) }
        } catch {
            buttons.logger.warning(
                "A press in a Home was not carried out.",
                metadata: ["question": "\(press.question)", "error": "\(error)"])
        }
    }

    /// The Home lists the user's own questions. False for another's, and for one that has ended.
    private func stopOwn(_ press: HomePress) async throws -> Bool {
        let user = press.user
        guard let question = try await buttons.store.question(press.question),
            case .known(let principal) = await buttons.resolver.principal(slackUser: user.id, team: user.team),
            question.isAsked(by: user.id, principal)
        else { return false }
        return try await stop(question, by: user.id, principal)
    }

    /// Returns when the question has ended. False when it does not end in time, or this process stops.
    private func ends(_ id: ULID) async -> Bool {
        await cancelWhenGracefulShutdown {
            let limit = ContinuousClock.now + Self.longestEnd
            while ContinuousClock.now < limit {
                if (try? await buttons.store.question(id))?.state.isTerminal == true { return true }
                guard (try? await Task.sleep(for: Self.pause)) != nil else { return false }
            }
            return false
        }
    }
}

extension QuestionRow {
    /// Whether the user asked it, in Slack, over HTTP or with the command line.
    func isAsked(by user: String, _ principal: Principal) -> Bool {
        origin.userID == user || askerEmail == principal.email
    }
}

/// A press of a button in the App Home whose value is a question.
private struct HomePress {
    let user: ActingUser
    let question: ULID
    let triggerID: String

    /// nil for an action elsewhere.
    init?(_ payload: JSONValue) {
        guard payload["container"]?["type"] == "view", let user = ActingUser(payload),
            let question = payload["actions"]?[0]?["value"]?.string.flatMap({ ULID($0) }),
            let trigger = payload["trigger_id"]?.string
        else { return nil }
        self.user = user
        self.question = question
        triggerID = trigger
    }
}
