import Analytics
import Bridge

/// Texts of the buttons under an answer.
extension UserMessages {
    static let retry = "Retry"
    static let continueAnswer = "Continue"
    static let showDetails = "Show details"
    static let stop = "Stop"
    static let goodAnswer = "Good answer"
    static let badAnswer = "Bad answer"

    // What a press leads to.
    static let voted = "Thank you, your feedback is stored. Your last vote counts."
    static let askedAgainAlready = "This was already asked again: the newest answer in the thread has its own button."
    static let hasEnded = "This has ended already."
    static let notStopped = "This could not be stopped just now. Please try again in a moment."
    static let nothingRuns = "Nothing is being answered here."
    static let continuedAlready = "This is continued already, further down in the thread."
    static let onlyAskerOrAdmin = "Only the person who asked the question and administrators can do this."
    static let answerNotYours = "This answer is for the person who asked."
    static let answerNotKept =
        "This answer is not kept any more, or not stored yet. If it is new, please try again in a minute."
    static let pressAgain = "This did not work just now. Please press the button again in a minute."
    static let detailsTooLate = "Reading the details took too long for Slack. Please press the button again."

    // What `!retry` leads to when nothing is asked again.
    static let nothingToRetry = "There is no question to ask again here. Write `!retry` in the thread of an answer."
    static let nothingOfYoursToRetry =
        "You have asked nothing in this thread. Only administrators can ask the questions of others again."
    static let retryTooEarly = "The newest question is not answered yet. Write `!retry` when it is."
    static let writeRetryAgain = "This did not work just now. Please write `!retry` again in a minute."

    // The modal after a 👎. Slack's limit of its title and buttons is 24 characters.
    static let whatWasWrong = "What was wrong?"
    static let sendComment = "Send"
    static let skipComment = "Skip"
    static let commentLabel = "It is stored with the question, for your administrators."
    static let commentNotStored = "This could not be stored just now. Please send it again in a moment."
    static let commentWithoutVote = "Your vote is not stored any more, so nothing can be added to it."

    // The modal with the details.
    static let detailsTitle = "Details"
    static let closeDetails = "Close"
    static let noCalls = "No tool was called."
    static let contentsHidden =
        ":lock: Your role may not use this tool here, so what it was given and returned is hidden."

    /// In place of the answer, or below what is shown of it.
    static func stopped(_ request: StopRequest, asker: String) -> String {
        switch request.reason {
        case .requested where request.user == asker: cancelled
        case .requested: ":octagonal_sign: Stopped by <@\(request.user)>, an administrator."
        case .deleted: ":octagonal_sign: Stopped, because the question was deleted."
        case .edited: ":octagonal_sign: Stopped, because the question was edited: its new text is answered below."
        case .doubled: ":octagonal_sign: This question was received twice; another message answers it."
        }
    }

    /// In response to `!stop`.
    static func stopping(_ count: Int) -> String {
        count == 1 ? ":octagonal_sign: Stopping." : ":octagonal_sign: Stopping \(count) questions."
    }

    private static let continuationRequest = """
        Continue: your answer to the question below stopped at the limit of turns. Go on from what was found in this \
        thread, find out what is still open, and then answer the question in full, in its language.
        """
    private static let longestContinued = 4_000

    /// The text of the question that continues the answer to another. That one may be such a question itself.
    static func continuation(of question: String) -> String {
        let isOne = question.hasPrefix(continuationRequest)
        let first = isOne ? question.dropFirst(continuationRequest.count).trimmingSpace : question
        return "\(continuationRequest)\n\n\(first.prefix(longestContinued))"
    }

    static func moreCalls(_ count: Int) -> String {
        count == 1 ? "1 more call is not shown." : "\(count) more calls are not shown."
    }

    /// In rich text, which has no marks of mrkdwn.
    static func vote(_ vote: Feedback) -> String { "\(vote.vote == .up ? goodAnswer : badAnswer) · \(vote.voter)" }

    static func moreVotes(_ count: Int) -> String {
        count == 1 ? "1 more vote is not shown." : "\(count) more votes are not shown."
    }

    /// Turns, time and, where they are shown, tokens and cost.
    static func figures(_ details: AnswerDetails) -> String {
        let audit = details.audit
        var words = [audit.iterations == 1 ? "1 turn" : "\(audit.iterations) turns"]
        words.append(details.calls.count == 1 ? "1 call" : "\(details.calls.count) calls")
        words.append(duration(audit.durationMilliseconds))
        if details.showsTokens {
            words.append(
                "\(audit.tokensInput) tokens in, \(audit.tokensOutput) out, \(audit.tokensCached) from the cache")
        }
        if details.showsCost { words.append(audit.priceKnown ? "\(audit.cost)" : "price unknown") }
        return words.joined(separator: " · ")
    }

    static func mark(_ outcome: ToolActivity.Outcome) -> String {
        switch outcome {
        case .running: ":small_blue_diamond:"
        case .succeeded: ":white_check_mark:"
        case .failed: ":x:"
        case .denied: ":no_entry:"
        case .unknown: ":grey_question:"
        }
    }

    /// One line about a call.
    static func call(_ call: AnswerDetails.Call) -> String {
        let name = "\(mark(call.outcome)) `\(Markdown.escape("\(call.name)"))`"
        switch call.outcome {
        case .denied: return "\(name) · not allowed"
        case .unknown, .running: return "\(name) · no result was received"
        case .succeeded: return "\(name) · \(duration(call.milliseconds)) · \(call.bytes) bytes"
        case .failed: return "\(name) · failed after \(duration(call.milliseconds))"
        }
    }
}
