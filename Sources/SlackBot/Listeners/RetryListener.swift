import Analytics
import Bridge

/// "Retry" under an answer: asks its question again. Only the asker and administrators may press it.
struct RetryListener: Listener {
    let buttons: AnswerButtons
    let acceptor: QuestionAcceptor
    let queueNotice: QueueNotice

    let keys = [ListenerKey.action(AnswerActionsView.retryID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        buttons.handle(envelope) { press in
            guard press.isAsker || press.isAdmin else { return UserMessages.onlyAskerOrAdmin }
            return try await acceptor.acceptAgain(
                press.question, by: press.action.user, responseURL: press.action.responseURL, queueNotice)
        }
    }
}

extension QuestionAcceptor {
    /// Asks a question that has ended again, as another user or the same, with that user's rights: the same text in the
    /// same thread, once for each user however often it is called. Returns why it is not asked, for the user; nil when it
    /// is. Throws ``StoreError`` when it could not be stored.
    ///
    /// - Parameter responseURL: where Slack takes responses to that user for half an hour; nil: none is known.
    func acceptAgain(
        _ row: QuestionRow, by user: String, responseURL: Secret? = nil, _ queueNotice: QueueNotice
    ) async throws -> String? {
        guard row.state.isTerminal, let question = SlackQuestion(row) else { return UserMessages.answerNotKept }
        let repeated = question.repeated(row.id, by: user, responseURL: responseURL)
        guard try await accept(repeated, retryOf: row.id) else { return UserMessages.askedAgainAlready }
        queueNotice.tell(repeated)
        return nil
    }
}

extension SlackQuestion {
    /// The same question, asked by that user.
    ///
    /// - Parameter id: the id of this question in the store.
    fileprivate func repeated(_ id: ULID, by user: String, responseURL newURL: Secret?) -> SlackQuestion {
        SlackQuestion(
            kind: kind, originKey: "retry:\(id):\(user)", team: team, user: user,
            channel: channel, channelName: channelName, text: text, ts: ts, threadTS: threadTS,
            // That of a command is valid for half an hour only.
            responseURL: responseURL == nil ? nil : newURL, isExternallyShared: isExternallyShared,
            shared: shared, call: call, about: about, fixedAnswer: fixedAnswer, files: files)
    }
}
