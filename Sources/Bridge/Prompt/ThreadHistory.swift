/// The messages of a thread's earlier turns for one principal: all users' questions and the answers to them, and those
/// results of tools that the principal may read now.
///
/// The budget of tokens is spent on the newest turns first, and on a turn's text before its results, so that a growing
/// thread keeps the bytes of its earlier turns as long as all fit (prompt caches compare prefixes).
struct ThreadHistory: Sendable {
    /// Question and answer of each turn alternately, oldest first.
    let messages: [ModelMessage]
    /// The number of turns that were left out because of the limits of turns and tokens.
    let leftOut: Int
    /// What the messages take of the budget, in units of ``TokenEstimate``.
    let units: Int

    /// An empty history.
    init() { (messages, leftOut, units) = ([], 0, 0) }

    /// - Parameter mayRead: whether the principal may make that call now, and so may read its result.
    init(
        _ conversation: Conversation, for person: Principal, within limits: ThreadHistoryLimits,
        mayRead: (ToolName, JSONValue) -> Bool
    ) {
        let turns = conversation.turns.filter { !$0.isPrivate || $0.asker == person.email }
        let size = Size(limits)
        var left = size.all
        var kept: [(question: String, answer: String)] = []
        for turn in turns.suffix(max(0, limits.turns)).reversed() {
            var question = Self.question(turn, size)
            let answer = Self.answer(turn, size)
            question += Self.forwarded(turn.quotes, size)
            let cost = TokenEstimate.units(of: question) + TokenEstimate.units(of: answer) + Size.messages
            guard cost <= left else { break }
            left -= cost
            let results = Self.results(turn.calls.filter { mayRead($0.name, $0.arguments) }, min(left, size.turn), size)
            left -= TokenEstimate.units(of: results)
            question += results
            kept.append((question, answer))
        }
        messages = kept.reversed().flatMap { [.user($0.question), .assistant($0.answer)] }
        units = size.all - left
        leftOut = max(0, conversation.total - (conversation.turns.count - turns.count) - kept.count)
    }

    /// Shares of the budget, in units of ``TokenEstimate``. A question and an answer take at most about a quarter each,
    /// so that the newest turn fits whatever its length, unless the budget is very small.
    private struct Size {
        let all: Int
        /// The limit of a question, of an answer, and of the results of one turn.
        var turn: Int { all / 4 }
        /// The limit of the result of one call.
        var result: Int { all / 16 }
        /// An allowance for what a provider adds to the two messages of a turn.
        static let messages = 8 * TokenEstimate.unitsPerToken

        init(_ limits: ThreadHistoryLimits) { all = max(0, limits.tokens) * TokenEstimate.unitsPerToken }
    }

    /// The question in its tag; a question without an answer is cut to one line of about 60 tokens.
    private static func question(_ turn: ConversationTurn, _ size: Size) -> String {
        let speaker = AskerLabel.label(name: turn.askerName, email: turn.asker)
        guard case .answered = turn.outcome else {
            let line = turn.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let limit = min(size.turn, 60 * TokenEstimate.unitsPerToken)
            return UntrustedText.wrap(TokenEstimate.cut(line, to: limit), from: speaker)
        }
        return UntrustedText.wrap(TokenEstimate.cut(turn.text, to: size.turn), from: speaker)
    }

    /// The messages that were forwarded with a question, which together take at most an eighth of the budget; empty
    /// without any.
    private static func forwarded(_ quotes: [QuotedMessage], _ size: Size) -> String {
        var left = size.turn / 2
        var text = ""
        for quote in quotes {
            let block = "\n\n" + QuotedText.wrap(quote, text: TokenEstimate.cut(quote.text, to: size.result))
            left -= TokenEstimate.units(of: block)
            guard left >= 0 else { break }
            text += block
        }
        return text
    }

    private static func answer(_ turn: ConversationTurn, _ size: Size) -> String {
        switch turn.outcome {
        case .answered(let text): text.isBlank ? "(No words.)" : TokenEstimate.cut(text, to: size.turn)
        case .refused: "(Not answered: it was refused.)"
        case .failed: "(Not answered: something failed.)"
        case .cancelled: "(Not answered: it was cancelled.)"
        case .interrupted: "(Not answered: it was interrupted.)"
        }
    }

    /// The results that fit into `room`, in the order of the calls; empty when none fits. Follows the question.
    private static func results(_ calls: [ConversationTurn.Call], _ room: Int, _ size: Size) -> String {
        var text = "\n\nWhat tools returned for this, shortened:"
        var left = room - TokenEstimate.units(of: text)
        var isEmpty = true
        for call in calls {
            let arguments = TokenEstimate.cut(call.arguments.text(), to: size.result / 4)
            let result = TokenEstimate.cut(call.result.isBlank ? "(no text)" : call.result, to: size.result)
            let block =
                "\n\n"
                + UntrustedText.wrap(
                    "\(call.isError ? "failed" : "called") with \(arguments)\n\(result)", from: call.name)
            let cost = TokenEstimate.units(of: block)
            guard cost <= left else { continue }
            left -= cost
            text += block
            isEmpty = false
        }
        return isEmpty ? "" : text
    }
}
