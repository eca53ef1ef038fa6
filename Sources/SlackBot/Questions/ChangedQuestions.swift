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

    private func apply(_ change: MessageChange) async {
        do {
            let thread = try await stops.store.unended(inThread: change.threadKey)
            let asked = thread.filter { $0.originKey != change.key && isAsked($0, by: change) }
            guard let newest = asked.last.flatMap(SlackQuestion.init) else { return }
            // Accepted before the stop, so that the new text is not lost between the two.
            if let text = change.text {
                _ = try await acceptor.accept(newest.edited(to: text, change.key), isAskedNow: true)
            }
            for question in asked {
                let request = StopRequest(
                    change.text == nil ? .deleted : .edited, by: change.user, email: question.askerEmail)
                _ = try await stops.stop(question, request)
            }
        } catch {
            logger.warning("The change of a question's message had no effect.", metadata: ["error": "\(error)"])
        }
    }

    /// Whether the message asks this question, and does not only contain what a reaction or the shortcut asks about.
    private func isAsked(_ question: QuestionRow, by change: MessageChange) -> Bool {
        guard let incoming = SlackQuestion(question) else { return false }
        return incoming.ts == change.ts && incoming.about == nil && incoming.user == change.user
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
