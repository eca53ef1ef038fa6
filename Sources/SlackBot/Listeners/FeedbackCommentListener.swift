import Analytics
import Bridge
import Logging

/// What was wrong with an answer, from the modal after a 👎. It is stored before the acknowledgement, so that the modal
/// stays open with the text when that fails.
struct FeedbackCommentListener: Listener {
    let store: Store
    let resolver: PrincipalResolver
    let logger: Logger

    /// Slack waits three seconds for the acknowledgement.
    private static let timeout = Duration.seconds(2)

    let keys = [ListenerKey.submission(FeedbackView.callbackID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        let payload = envelope.payload
        guard let comment = FeedbackView.comment(payload["view"]), !comment.text.isEmpty,
            let user = ActingUser(payload)
        else { return .empty }
        do {
            let problem = try await withDeadline(Self.timeout, throwing: CancellationError()) {
                try await add(comment.text, on: comment.question, by: user)
            }
            return problem.map(Self.refused) ?? .empty
        } catch {
            logger.warning(
                "A comment could not be stored.", metadata: ["question": "\(comment.question)", "error": "\(error)"])
            return Self.refused(UserMessages.commentNotStored)
        }
    }

    /// Returns why the comment is not stored; nil when it is.
    private func add(_ text: String, on question: ULID, by user: ActingUser) async throws -> String? {
        switch await resolver.principal(slackUser: user.id, team: user.team) {
        case .refused(let reason): return reason
        case .known(let principal):
            let isStored = try await store.comment(text, on: question, by: principal.email)
            return isStored ? nil : UserMessages.commentWithoutVote
        }
    }

    private static func refused(_ reason: String) -> Acknowledgement {
        Acknowledgement(
            payload: ["response_action": "errors", "errors": .object([FeedbackView.commentID: .string(reason)])])
    }
}
