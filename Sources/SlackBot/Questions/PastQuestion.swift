import Analytics
import Bridge
import Foundation

/// A question in the list that its asker sees.
struct PastQuestion: Sendable, Hashable {
    let id: ULID
    let state: QuestionState
    let askedAt: Date
    let text: String
    /// nil while the question has not ended.
    let expense: AskedQuestion.Expense?
    /// The address of its message or thread; nil when it has none in Slack or the workspace's address is not known.
    let link: String?
}

extension PastQuestion {
    /// The newest questions of a user, newest first, also those of HTTP and the command line. Throws ``StoreError``.
    ///
    /// - Parameter slackUser: the user's id; a question has no other name of its asker until its first claim.
    static func newest(
        _ limit: Int, of principal: Principal, slackUser: String, in store: Store, _ installation: Installation
    ) async throws -> [PastQuestion] {
        let workspace = try? await installation.identity().url
        let emails = [principal.email, SlackUser.provisionalEmail(slackUser)]
        return try await store.questions(askedBy: emails, limit: limit).map { asked in
            let row = asked.row
            return PastQuestion(
                id: row.id, state: row.state, askedAt: row.askedAt, text: row.text, expense: asked.expense,
                link: workspace.flatMap { link(to: row.origin, in: $0) })
        }
    }

    /// A command has no message of its own; its thread begins with Omni's message.
    private static func link(to origin: QuestionOrigin, in workspace: String) -> String? {
        guard !workspace.isEmpty, let channel = origin.channel, let ts = origin.messageTS ?? origin.threadTS else {
            return nil
        }
        return MessageLink.url(workspace: workspace, channel: channel, ts: ts, thread: origin.threadTS)
    }
}
