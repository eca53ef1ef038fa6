import Analytics
import Bridge
import Foundation

/// The catalogue of texts that users read in Slack.
enum UserMessages {
    /// Statuses of the progress message and of the status line, after "Omni".
    static let reading = "is reading the question"
    static let thinking = "is thinking"
    static let writing = "is writing the answer"
    static let readingResults = "is reading the results"

    static func using(_ tool: ToolName) -> String { "is using \(tool)" }

    /// In place of the calls before those that a progress message lists.
    static func earlierCalls(_ count: Int) -> String { "… \(count) earlier calls" }

    /// The status line, which Slack shows after the app's name.
    static func status(_ status: String) -> String { "\(status)…" }

    /// Under the status, after `query_timeout_seconds`.
    static let late = "This takes longer than usual. I am still working on it."

    /// To the asker of a question in a thread in which older questions are answered first.
    static func waitsForTurn(after count: Int) -> String {
        let place = count == 1 ? "Yours is next." : "\(count) questions are before yours."
        return ":hourglass_flowing_sand: I answer the questions of a thread one after the other. \(place)"
    }

    /// In place of an answer that only the asker sees.
    static let answeredPrivately = ":lock: I have answered this to the person who asked; nobody else sees the answer."

    /// The parent message of a slash command's thread.
    static func asked(user: String, text: String) -> String {
        "<@\(user)> asked: \(Markdown.escape(text))"
    }

    /// - Parameter showID: whether the error id is included.
    static func failed(_ failure: Failure, showID: Bool) -> String {
        let text = ":warning: \(Markdown.escape("\(failure.error)"))"
        return showID ? "\(text)\nError id: `\(failure.errorID)`" : text
    }

    static func refused(_ refusal: Refusal) -> String { ":no_entry: \(Markdown.escape(refusal.message))" }

    static let cancelled = ":octagonal_sign: Stopped."

    /// In place of an answer without text.
    static let noWords = "The model ended without a word. Please ask again, or ask in other words."

    /// To the asker, when a message of the answer could not be posted.
    static func undelivered(errorID: String) -> String {
        ":warning: I have an answer, but Slack would not take it. Please ask again.\nError id: `\(errorID)`"
    }

    /// To the asker, when an ephemeral message may have been lost.
    static func unsure(errorID: String) -> String {
        ":warning: I was restarted while I was telling you something. If nothing stands above, please ask again.\n"
            + "Error id: `\(errorID)`"
    }

    /// Under an answer, for each tool call whose outcome is unknown.
    static func unknownOutcome(_ tool: ToolName) -> String {
        ":grey_question: `\(Markdown.escape("\(tool)"))` was started and its outcome is unknown: check before it is run again."
    }

    /// Under an answer.
    static func warning(_ warning: AnswerWarning) -> String {
        switch warning {
        case .maxIterations:
            "The limit of model turns was reached; the answer rests on what was found until then."
        case .truncated: "The answer ends where the model's output limit cut it; ask for the rest in this thread."
        case .notRecorded: "The answer could not be stored yet; until it is, the audit log does not have it."
        }
    }

    /// The diagnostics under an answer; empty when nothing is shown.
    static func footer(_ usage: Usage, showing parts: SlackSettings.Diagnostics) -> String {
        var words: [String] = []
        let calls = usage.calls.filter { $0.outcome != .denied }
        let tools = calls.map { "`\(Markdown.escape("\($0.name)"))`" }.uniqued
        if parts.isDetailed, parts.showsToolCalls {
            words += calls.map { "🔧 `\(Markdown.escape("\($0.name)"))` \(duration($0.milliseconds))" }
        } else if parts.showsToolCalls, !tools.isEmpty {
            let more = tools.count > 4 ? " and \(tools.count - 4) more" : ""
            words.append("🔧 \(tools.prefix(4).joined(separator: ", "))\(more)")
        }
        if parts.showsServers, !calls.isEmpty {
            words.append("📦 \(calls.map { Markdown.escape($0.name.server) }.uniqued.joined(separator: ", "))")
        }
        // A direct call has no turn of a model.
        if parts.showsIterations, usage.iterations > 0 {
            words.append(usage.iterations == 1 ? "1 turn" : "\(usage.iterations) turns")
        }
        if parts.showsTiming { words.append(duration(usage.milliseconds)) }
        if parts.showsTokens { words.append("\(usage.tokens.input) tokens in, \(usage.tokens.output) out") }
        if parts.showsCost { words.append(usage.priceKnown ? "\(usage.cost)" : "price unknown") }
        return words.joined(separator: parts.isDetailed ? "\n" : " · ")
    }

    /// Milliseconds below one second, then seconds.
    static func duration(_ milliseconds: Int) -> String {
        milliseconds < 1_000 ? "\(milliseconds) ms" : "\(seconds(milliseconds)) s"
    }

    /// Seconds without a unit, with one decimal below 10 s.
    static func seconds(_ milliseconds: Int) -> String {
        String(format: milliseconds < 10_000 ? "%.1f" : "%.0f", Double(milliseconds) / 1000)
    }

    /// To the asker, when the bot may not post where it was asked; `code` is Slack's.
    static func cannotPost(_ code: String) -> String {
        switch code {
        case "not_in_channel", "channel_not_found":
            """
            I am not in this conversation, so only you can see this. Add me to it with `/invite` and my name, and \
            everybody in it sees my next answers in a thread.
            """
        case "is_archived": "This channel is archived, so only you can see this."
        default: "Slack does not let me post here (`\(Markdown.escape(code))`), so only you can see this."
        }
    }

    /// In the channel, where the rest of an answer is in the asker's direct messages: Slack allows five messages in
    /// response to a command.
    static let goesOnDirectly = "The answer goes on in our direct messages: Slack lets me say no more here."

    /// Above an answer in the asker's direct messages that could not be shown where it was asked.
    static func answerFrom(channel: String) -> String {
        "Slack did not let me show you this in <#\(channel)>, so it is here:"
    }

    /// The question of a message that was forwarded without a comment.
    static let forwardedAlone = "(Forwarded without a comment.)"

    // Reasons of refusal.
    static let bot = "I answer people, not bots."
    static let deactivated = "This account is deactivated."
    static let stranger = "I answer members of this workspace only. Please ask a colleague here to ask for you."
    static let guest = "I answer full members of this workspace only. Please ask an administrator for access."
    static let disabled = "Your access was switched off. Please ask an administrator."
    static let channelClosed = "I do not answer in this channel. Please ask in a direct message or another channel."
    static let directClosed = "I do not answer direct messages here. Please ask in a channel."
    static func commandDisabled(_ command: String) -> String { "`\(command)` is switched off here." }
    static func commandNeedsRole(_ command: String, _ role: String) -> String {
        "`\(command)` needs the role *\(Markdown.escape(role))* or one above it."
    }
    static let storeUnavailable = """
        The store of questions and answers cannot be reached right now, and without it I do not answer. Please ask \
        again in a few minutes.
        """
    static let cannotCheck = "I cannot check who you are right now, so I do not answer. Please try again in a minute."
    static let emptyQuestion = "Hello! Ask me something, for example *what is slow right now?* – or `/omni-help`."

    /// A duration in its two largest units.
    static func uptime(_ time: Duration) -> String {
        time.formatted(.units(allowed: [.days, .hours, .minutes, .seconds], width: .wide, maximumUnitCount: 2))
    }
}

extension Array where Element == String {
    /// The elements without repetitions, in the order of their first occurrences.
    fileprivate var uniqued: [String] {
        reduce(into: []) { found, element in if !found.contains(element) { found.append(element) } }
    }
}
