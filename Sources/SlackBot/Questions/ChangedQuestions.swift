import Analytics
import Bridge
import Logging

/// What the edit or deletion of a message does to the question that it asks, while that is being answered: an edited one
/// is stopped and asked anew, a deleted one is stopped. One that has ended is left as it is.
struct ChangedQuestions: Sendable {
    let acceptor: QuestionAcceptor
    let stops: QuestionStops
    let deferred: DeferredWork
    let logger: Logger

    /// Queues the change. Never waits.
    func handle(_ change: MessageChange) { deferred.add(change.key) { await apply(change) } }

    /// Applies the change; an error is logged.
    func apply(_ change: MessageChange) async {
        do {
            let before = try await asked(by: change)
            guard let question = before.last.flatMap(SlackQuestion.init) else { return }
            // Accepted before the stop, so that the new text is not lost between the two.
            if let text = change.text, before.allSatisfy({ change.version(of: $0) < change.version }) {
                _ = try await acceptor.accept(question.edited(to: text, change.key), isAskedNow: true)
            }
            // Read again: another change of the message may have been handled meanwhile.
            let questions = try await asked(by: change)
            let newest = questions.map { change.version(of: $0) }.reduce(change.version, max)
            for question in questions where change.version(of: question) < newest {
                let request = StopRequest(
                    change.text == nil ? .deleted : .edited, by: change.user, email: question.askerEmail)
                _ = try await stops.stop(question, request)
            }
        } catch {
            logger.warning("The change of a question's message had no effect.", metadata: ["error": "\(error)"])
        }
    }

    /// The questions that the message asks and that have not ended, oldest first.
    private func asked(by change: MessageChange) async throws -> [QuestionRow] {
        try await stops.store.unended(inThread: change.threadKey).filter { isAsked($0, by: change) }
    }

    /// Whether the message asks this question, and does not only contain what a reaction or the shortcut asks about. An
    /// automatic answer does not change with its message.
    private func isAsked(_ question: QuestionRow, by change: MessageChange) -> Bool {
        guard let incoming = SlackQuestion(question) else { return false }
        let isOfMessage = incoming.ts == change.ts && incoming.about == nil && incoming.user == change.user
        return isOfMessage && (incoming.fixedAnswer == nil || change.text == nil)
    }
}

extension MessageChange {
    /// When the text of a question was written, in seconds: the time of the edit, or that at which the question was asked.
    /// Slack may deliver changes in another order, and one twice.
    fileprivate func version(of question: QuestionRow) -> Double {
        let edit = question.originKey.flatMap { $0.hasPrefix(keyPrefix) ? Double($0.dropFirst(keyPrefix.count)) : nil }
        return edit ?? question.askedAt.timeIntervalSince1970
    }
}

extension SlackQuestion {
    /// The question that the edited message asks.
    fileprivate func edited(to text: String, _ key: String) -> SlackQuestion {
        SlackQuestion(
            kind: kind, originKey: key, team: team, user: user, channel: channel, channelName: channelName, text: text,
            ts: ts, threadTS: threadTS, responseURL: responseURL, isExternallyShared: isExternallyShared,
            shared: shared, fixedAnswer: nil, files: files)
    }
}
