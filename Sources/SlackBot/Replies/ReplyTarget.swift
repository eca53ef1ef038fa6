import Analytics
import Bridge

/// A message of a reply that is in the thread before the answer is.
struct ShownMessage: Sendable, Hashable {
    /// Its part in the outbox.
    let part: Int
    /// nil when it is not known whether the message exists.
    let ts: String?
}

/// A question, and where its answer goes.
struct ReplyTarget: QuestionContext {
    /// The question, with the thread's root when it is known.
    var claimed: ClaimedQuestion
    /// The progress message, or the messages of the stream. The answer takes their places.
    var shown: [ShownMessage] = []
    /// The answer so far, when it was streamed.
    var stream: AnswerStream?
    /// The text of the answer so far, when it was shown by edits.
    var editedText: String?
    /// Whether only the asker sees the answer: the bot cannot post in the channel, or a rule says so.
    var isPrivate = false
    /// A parent message that is not known to be posted; the outbox posts it before the answer.
    var parent: PostRow?
    /// The rules under which the work began; nil before.
    var privacy: AnswerPrivacy?
    /// Posted in place of the outcome's rendering.
    var words: String?
    /// Whether nothing is posted: the user did not address Omni.
    var isSilent = false
    var stop: StopRequest?

    var claim: Claim { claimed.claim }
    var question: Question { claimed.question }
    var origin: QuestionOrigin { claimed.origin }

    /// Whether there is a thread to post into.
    var isOpen: Bool { !isPrivate && parent == nil }

    /// ts of the first message shown, which is edited into the answer; nil when there is none.
    var progressTS: String? { shown.first?.ts }

    /// Whether what is shown of the answer stays: the question failed, or a user has stopped it.
    func keepsProgress(_ outcome: QuestionOutcome) -> Bool {
        switch outcome {
        case .failed, .interrupted: stop.map { $0.reason == .requested } ?? true
        case .cancelled: stop?.reason == .requested
        case .answered, .refused: false
        }
    }

    /// The text of the answer so far that all may see; nil when there is none.
    var shownText: String? {
        guard let stream else { return editedText }
        return stream.isHidden || stream.text.sent.isEmpty ? nil : stream.text.sent
    }

    /// Which of the messages shown become the answer's.
    ///
    /// - Parameters:
    ///   - text: the answer in Markdown; nil when the outcome is none, none that all may see, or more than its text.
    ///   - keepsCards: whether the cards shown stay above the answer.
    func placement(for text: String?, keepsCards: Bool) -> AnswerPlacement {
        guard var stream else { return AnswerPlacement(shown) }
        if text == nil, keepsCards {
            var cards = stream
            if let stop = cards.finishCards() { return AnswerPlacement(after: stop, cards.messages) }
        }
        return AnswerPlacement(stream.finish(text))
    }
}

extension ReplyTarget {
    /// The target of an answer that only the asker sees from the start: nothing is posted before it. What an earlier
    /// attempt has posted in the thread is edited.
    init(privately claimed: ClaimedQuestion, planned: [PostRow]) {
        self.init(claimed: claimed.rooted(planned.first { $0.kind == .parent }?.ts))
        shown = planned.shown
        isPrivate = true
    }

    /// Whether the asker may show the private answer to everyone; not where other organisations read it.
    func mayBeShown(_ outcome: QuestionOutcome) -> Bool {
        guard case .answered = outcome, isPrivate else { return false }
        return claimed.incoming.kind != .direct && !claimed.incoming.isExternallyShared
    }

    /// Whether a later question of the thread has the answer in its history.
    func isRecalled(by history: ThreadHistoryRules) -> Bool {
        claimed.root != nil && history.limits(in: question.place) != nil
    }
}

extension [PostRow] {
    /// The row of the progress message, which is also the first message of a stream.
    var progress: PostRow? { first { $0.kind == .progress && $0.part == 0 } }

    /// The further messages of an earlier attempt's stream.
    var furtherShown: [ShownMessage] {
        filter { $0.kind == .progress && $0.part > 0 && $0.state != .failed }
            .map { ShownMessage(part: $0.part, ts: $0.ts) }
    }

    /// The messages of an earlier attempt of which the first is known to exist; else none.
    var shown: [ShownMessage] {
        guard let ts = progress?.ts else { return [] }
        return [ShownMessage(part: 0, ts: ts)] + furtherShown
    }
}
