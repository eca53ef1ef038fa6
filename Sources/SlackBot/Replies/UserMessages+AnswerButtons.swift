import Analytics
import Bridge

/// Texts of the buttons under an answer.
extension UserMessages {
    static let retry = "Retry"
    static let showDetails = "Show details"
    static let goodAnswer = "Good answer"
    static let badAnswer = "Bad answer"

    // What a press leads to.
    static let voted = "Thank you, your feedback is stored. Your last vote counts."
    static let askedAgainAlready = "This was already asked again: the newest answer in the thread has its own button."
    static let onlyAskerOrAdmin = "Only the person who asked the question and administrators can do this."
    static let answerNotYours = "This answer is for the person who asked."
    static let answerNotKept = "The answer is not there any more, or not yet."
    static let pressAgain = "This did not work just now. Please press the button again in a minute."
    static let detailsTooLate = "Reading the details took too long for Slack. Please press the button again."

    // The modal after a 👎. Slack's limit of its title and buttons is 24 characters.
    static let whatWasWrong = "What was wrong?"
    static let sendComment = "Send"
    static let skipComment = "Skip"
    static let commentLabel = "It is stored with the question, for your administrators."
    static let commentNotStored = "This could not be stored just now. Please send it again in a moment."
    static let commentWithoutVote = "Your 👎 is not stored any more, so nothing can be added to it."

    // The modal with the details.
    static let detailsTitle = "Details"
    static let closeDetails = "Close"
    static let noCalls = "No tool was called."
    static let contentsHidden =
        ":lock: Your role may not use this tool here, so what it was given and returned is hidden."

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
        words.append("\(seconds(audit.durationMilliseconds)) s")
        if details.showsTokens {
            words.append(
                "\(audit.tokensInput) tokens in, \(audit.tokensOutput) out, \(audit.tokensCached) from the cache")
        }
        if details.showsCost { words.append(audit.priceKnown ? "\(audit.cost)" : "price unknown") }
        return words.joined(separator: " · ")
    }

    /// One line about a call.
    static func call(_ call: AnswerDetails.Call) -> String {
        let state =
            switch call.outcome {
            case .succeeded: ":white_check_mark:"
            case .failed: ":x:"
            case .denied: ":no_entry:"
            case .unknown: ":grey_question:"
            case .running: ":hourglass:"
            }
        let name = "\(state) `\(Markdown.escape("\(call.name)"))`"
        switch call.outcome {
        case .denied: return "\(name) · not allowed"
        case .unknown, .running: return "\(name) · no result was received"
        case .succeeded: return "\(name) · \(seconds(call.milliseconds)) s · \(call.bytes) bytes"
        case .failed: return "\(name) · failed after \(seconds(call.milliseconds)) s"
        }
    }
}
