import Analytics
import Bridge

/// The messages of a question that waits for its asker.
extension SlackEntryPoint {
    func posts(for wait: Wait, _ context: ReplyTarget) async -> [PostRow] {
        var target = context
        if await isPrivate(target) { target.isPrivate = true }
        // A claim has one wait at most, so that each wait has a part of its own.
        var post = target.claimed.post(
            isEphemeral(target) ? .ephemeral : .choice, part: PostRow.firstChoicePart + Int(target.claim.epoch),
            ChoiceView.open(wait, of: target.claim.id))
        post.epoch = target.claim.epoch
        return [post]
    }

    /// Whether only the asker sees the choices, which may have data of the calls before: as for the answer, the stricter
    /// of the rules now and at the beginning count. When the journal cannot be read they may.
    private func isPrivate(_ target: ReplyTarget) async -> Bool {
        let rules = [target.privacy, privacy].compactMap { $0 }
        if rules.contains(where: { $0.isPrivate(target.question) }) { return true }
        guard rules.contains(where: { !$0.servers.isEmpty }) else { return false }
        guard let steps = try? await store.journal(of: target.claim.id) else { return true }
        return rules.contains { $0.isPrivate(steps) }
    }

    /// Edits the progress message, which would look as if an answer were to come; it is edited again when the question
    /// goes on. An open stream is ended. A failure is only logged.
    func showThatItWaits(_ target: ReplyTarget) async {
        guard let ts = target.progressTS else { return }
        let channel = target.claimed.incoming.channel
        do {
            if let last = target.shown.last, let open = last.ts, target.stream?.messages.last?.isOpen == true {
                let address = MessageAddress(channel: channel, ts: open)
                try await outbox.endStream(address, part: last.part, of: target.claim, session: .suspended)
            }
            _ = try await outbox.updateProgress(
                MessageAddress(channel: channel, ts: ts), to: SectionView.message(UserMessages.waitsForChoice),
                of: target.claim)
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
