import Analytics
import Bridge
import Logging

/// What the buttons under an answer have in common: after the acknowledgement the question and the user who pressed are
/// looked up, and the user alone is told what came of the press.
struct AnswerButtons: Sendable {
    /// A press under the answer to a stored question, by a user who may see the answer.
    struct Press: Sendable {
        let action: BlockAction
        let question: QuestionRow
        let principal: Principal
        let isAsker: Bool
        let isAdmin: Bool
    }

    /// Returns the text for the user who pressed; nil: none.
    typealias Work = @Sendable (Press) async throws -> String?

    let store: Store
    let api: SlackAPI
    let resolver: PrincipalResolver
    let live: LiveSettings
    let deferred: DeferredWork
    let logger: Logger

    /// Queues the work of a press; it does not begin when the user may not see the answer. An error of the work is
    /// logged, and the user is told to press again. Never waits.
    func handle(_ envelope: Envelope, _ work: @escaping Work) -> Acknowledgement {
        // The value begins with the question.
        guard let action = BlockAction(envelope.payload),
            let question = action.value.split(separator: " ").first.flatMap({ ULID(String($0)) })
        else { return .ignored("action without its fields", logger) }
        deferred.add(action.triggerID) {
            guard let text = await carryOut(action, on: question, work) else { return }
            await respond(to: action, SectionView.message(text).ephemeralResponse(thread: action.thread))
        }
        return .empty
    }

    private func carryOut(_ action: BlockAction, on question: ULID, _ work: Work) async -> String? {
        do {
            guard let row = try await store.question(question) else { return UserMessages.answerNotKept }
            switch await resolver.principal(slackUser: action.user, team: action.team) {
            case .refused(let reason): return reason
            case .known(let principal):
                let isAsker = row.origin.userID == action.user
                // The value comes from the user's client. Only the asker has the answer in another place too.
                guard isAsker || (!row.isPrivate && row.origin.channel == action.channel) else {
                    return UserMessages.answerNotYours
                }
                let isAdmin = live.snapshot.policy.isAdmin(principal)
                return try await work(
                    Press(action: action, question: row, principal: principal, isAsker: isAsker, isAdmin: isAdmin))
            }
        } catch {
            logger.warning(
                "A press under an answer was not carried out.",
                metadata: ["action": "\(action.actionID)", "question": "\(question)", "error": "\(error)"])
            return UserMessages.pressAgain
        }
    }

    func respond(to action: BlockAction, _ message: JSONObject) async {
        do {
            try await api.respond(to: action.responseURL.revealed, message)
        } catch {
            logger.info("A press was not responded to.", metadata: ["error": "\(error)"])
        }
    }
}
