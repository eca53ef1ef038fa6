import Analytics
import Bridge

/// "Continue" under an answer that the limit of model turns ended: a new question in the same thread asks for the rest,
/// once however often it is pressed. Only the asker and administrators may press it; the new question is that of the
/// user who pressed, with that user's rights. What was found is in the thread's history (`ThreadHistory`).
struct ContinueListener: Listener {
    let buttons: AnswerButtons
    let acceptor: QuestionAcceptor
    let queueNotice: QueueNotice

    let keys = [ListenerKey.action(AnswerActionsView.continueID)]

    func handle(_ envelope: Envelope) async throws -> Acknowledgement {
        buttons.handle(envelope) { press in
            guard press.isAsker || press.isAdmin else { return UserMessages.onlyAskerOrAdmin }
            let row = press.question
            guard row.state == .answered,
                let rest = SlackQuestion(row)?
                    .continued(row.id, by: press.action.user, responseURL: press.action.responseURL)
            else { return UserMessages.answerNotKept }
            guard try await acceptor.accept(rest) else { return UserMessages.continuedAlready }
            queueNotice.tell(rest)
            return nil
        }
    }
}

extension SlackQuestion {
    /// The question for the rest of this one's answer, in its thread; nil when it has no thread. It is no repetition:
    /// the history of one leaves out the question that it repeats. Forwarded messages and files are in the history too.
    ///
    /// - Parameters:
    ///   - id: the id of this question in the store.
    ///   - newURL: where Slack takes responses to the user.
    func continued(_ id: ULID, by user: String, responseURL newURL: Secret) -> SlackQuestion? {
        guard let root = rootTS else { return nil }
        let kind: Kind =
            switch kind {
            case .mention, .direct, .command, .followUp: kind
            // Those ask about a message, or address nothing to Omni; the user who pressed does.
            case .reaction, .shortcut, .automatic: .mention
            }
        return SlackQuestion(
            kind: kind, originKey: "continue:\(id)", team: team, user: user, channel: channel,
            channelName: channelName, text: UserMessages.continuation(of: text), ts: nil, threadTS: root,
            responseURL: responseURL == nil ? nil : newURL, isExternallyShared: isExternallyShared)
    }
}
