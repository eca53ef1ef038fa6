import Analytics
import Bridge

/// A question that waits for its asker: the wait and the message with the choices are stored first, then the message is
/// sent. Then nothing of this process is used until the asker has chosen, or the wait is over.
extension SlackQuestionHandler {
    func suspend(_ target: ThreadReply.Target, for wait: Wait) async {
        let claimed = target.claimed
        let posts = posts(for: wait, target)
        let isStored = await stored(claimed, what: "A wait") {
            try await store.suspend(wait, claimed.claim, posts: posts)
        }
        guard isStored else { return }
        Failpoint.suspended.reach()
        await showThatItWaits(target)
        await deliver((target.parent.map { [$0] } ?? []) + posts, of: claimed)
        logger.info("A question waits for its asker.", metadata: ["question": "\(claimed.claim.id)"])
    }

    /// The message with the choices.
    private func posts(for wait: Wait, _ target: ThreadReply.Target) -> [PostRow] {
        let claimed = target.claimed
        // A claim has one wait at most, so that each wait has a part of its own.
        var post = claimed.post(
            isEphemeral(target) ? .ephemeral : .choice, part: PostRow.firstChoicePart + Int(claimed.claim.epoch),
            ChoiceView.open(wait, of: claimed.claim.id))
        post.epoch = claimed.claim.epoch
        return [post]
    }

    /// Edits the progress message, which would look as if an answer were to come; it is edited again when the question
    /// goes on. A failed edit is only logged.
    private func showThatItWaits(_ target: ThreadReply.Target) async {
        guard let ts = target.progressTS else { return }
        let address = MessageAddress(channel: target.claimed.incoming.channel, ts: ts)
        do {
            _ = try await api.updateIfAffordable(
                address, to: SectionView.message(UserMessages.waitsForChoice),
                isWanted: { store.holds(target.claimed.claim) })
        } catch {
            logger.debug("A progress message was not edited.", metadata: ["error": "\(error)"])
        }
    }

    /// The messages of earlier waits with their choice instead of the buttons, for a question that has ended.
    func endedChoices(of claimed: ClaimedQuestion) async -> [PostRow] {
        guard claimed.claim.epoch > 1, let posts = try? await store.posts(of: claimed.claim.id),
            let steps = try? await store.journal(of: claimed.claim.id)
        else { return [] }
        var edits: [PostRow] = []
        var open: Wait?
        for step in steps {
            switch step {
            case .waiting(let wait): open = wait
            case .waitEnded(let id, let answer):
                guard let wait = open, wait.id == id,
                    let sent = posts.first(where: { $0.kind == .choice && ChoiceView.wait(of: $0.body) == id })
                else { continue }
                var edit = claimed.post(.choice, part: sent.part, ChoiceView.ended(wait, answer))
                (edit.ts, edit.epoch) = (sent.ts, claimed.claim.epoch)
                edits.append(edit)
            default: continue
            }
        }
        return edits
    }
}
