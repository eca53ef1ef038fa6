import Analytics
import Bridge
import Logging

/// What an earlier claim or another entry point left to do.
extension SlackQuestionHandler {
    /// Delivers what is left to deliver of a question that ended in an earlier claim.
    func resumeDelivery(_ claimed: ClaimedQuestion) async {
        do {
            let posts = try await store.posts(of: claimed.claim.id)
            let claimed = claimed.rooted(claimed.root ?? posts.first { $0.kind == .parent }?.ts)
            await deliver(posts.filter { $0.state != .failed && $0.kind != .progress }, of: claimed)
        } catch {
            logger.warning(
                "The messages that are left to send could not be read.",
                metadata: ["question": "\(claimed.claim.id)", "error": "\(error)"])
            await release(claimed)
        }
    }

    /// Ends a question of another entry point whose process is gone: no caller waits for its answer.
    func abandon(_ claim: Claim) async {
        let row = claim.question
        let asker = Principal(
            email: row.askerEmail, name: row.askerName, role: row.askerRole, source: .builtIn("store"))
        let question = Question(
            id: row.id, asker: asker, text: row.text, place: row.place, threadKey: row.threadKey, kind: row.kind,
            askedAt: row.askedAt)
        do {
            let failure = interruption(of: question, after: try await earlierAttempts(of: row.id))
            let finished = FinishedQuestion(question, origin: row.origin, outcome: .interrupted(failure))
            _ = try await store.finish(finished, claim)
        } catch {
            logger.warning(
                "A question that was left could not be ended.",
                metadata: ["question": "\(row.id)", "error": "\(error)"])
            store.lapse(claim)
        }
    }
}
