/// What came of the work on a question.
package enum AnswerResult: Sendable {
    case ended(QuestionOutcome)
    /// It waits for its asker. The caller stores the wait and stops; when the wait has ended the question is answered
    /// again from its journal.
    case waiting(Wait)
}

/// How a question ended, with its usage until then.
package enum QuestionOutcome: Sendable {
    case answered(Answer)
    /// A rule or a limit refused the question. Not an error.
    case refused(Refusal)
    case failed(Failure)
    case cancelled(Usage)
    /// It could not be resumed after the process that worked on it stopped.
    case interrupted(Failure)

    /// The usage until the end, of any outcome.
    package var usage: Usage {
        get {
            switch self {
            case .answered(let answer): answer.usage
            case .refused(let refusal): refusal.usage
            case .failed(let failure), .interrupted(let failure): failure.usage
            case .cancelled(let usage): usage
            }
        }
        set {
            switch self {
            case .answered(var answer):
                answer.usage = newValue
                self = .answered(answer)
            case .refused(let refusal):
                self = .refused(Refusal(message: refusal.message, rule: refusal.rule, usage: newValue))
            case .failed(let failure):
                self = .failed(Failure(error: failure.error, errorID: failure.errorID, usage: newValue))
            case .interrupted(let failure):
                self = .interrupted(Failure(error: failure.error, errorID: failure.errorID, usage: newValue))
            case .cancelled: self = .cancelled(newValue)
            }
        }
    }
}
