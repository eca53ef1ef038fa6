import Analytics
import Bridge

/// "Retry" under an answer: asks the same text again in the same thread, once however often it is pressed. Only the
/// asker and administrators may press it; the new question is that of the user who pressed, with that user's rights.
struct RetryListener: Listener {
    let buttons: AnswerButtons
    let acceptor: QuestionAcceptor

    let keys = [ListenerKey.action(AnswerActionsView.retryID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        buttons.handle(envelope) { try await repeatQuestion($0) }
    }

    private func repeatQuestion(_ press: AnswerButtons.Press) async throws -> String? {
        guard press.isAsker || press.isAdmin else { return UserMessages.onlyAskerOrAdmin }
        let row = press.question
        guard row.state.isTerminal, let question = SlackQuestion(row) else { return UserMessages.answerNotKept }
        let isNew = try await acceptor.accept(question.repeated(row.id, by: press.action), retryOf: row.id)
        return isNew ? nil : UserMessages.askedAgainAlready
    }
}

extension SlackQuestion {
    /// The same question, asked by the user who pressed a button.
    ///
    /// - Parameter id: the id of this question in the store.
    func repeated(_ id: ULID, by press: BlockAction) -> SlackQuestion {
        SlackQuestion(
            kind: kind, originKey: "retry:\(id)", team: team, user: press.user, channel: channel,
            channelName: channelName, text: text, ts: ts, threadTS: threadTS,
            // That of a command is valid for half an hour only.
            responseURL: responseURL == nil ? nil : press.responseURL, isExternallyShared: isExternallyShared,
            shared: shared, call: call, about: about, fixedAnswer: fixedAnswer, files: files)
    }
}
