import Bridge

/// Prints an answer: tools and status to standard error while the question is worked on, the text to standard output at
/// the end.
struct TerminalAnswerPrinter: Sendable {
    let isSilent: Bool

    func handle(_ event: AnswerEvent) {
        guard !isSilent else { return }
        switch event {
        case .status(let text): Terminal.error("… \(text)")
        case .narration(let text): Terminal.error(text)
        case .toolStarted(let call): Terminal.error("→ \(call.name) \(call.arguments.text())")
        case .toolFinished(let call):
            let outcome =
                call.outcome == .succeeded ? UserMessages.duration(call.milliseconds) : call.outcome.rawValue
            let error = call.error.map { ": \($0)" } ?? ""
            Terminal.error("← \(call.name) \(outcome)\(error)")
        case .text, .textWithdrawn, .toolReturned: break  // ``end(_:)`` prints the text of the answer.
        }
    }

    /// Prints the outcome, and the usage to standard error.
    func end(_ outcome: QuestionOutcome) {
        guard !isSilent else { return }
        switch outcome {
        case .answered(let answer):
            Terminal.out(answer.text)
            if let warning = answer.warning { Terminal.error("warning: \(UserMessages.warning(warning))") }
        case .refused(let refusal): Terminal.error("refused: \(refusal.message) (\(refusal.rule))")
        case .failed(let failure), .interrupted(let failure):
            // The reader runs the program, so that an administrator's text is for it.
            Terminal.error("error: \(failure.error.administratorDescription) [\(failure.errorID)]")
        case .cancelled: Terminal.error("stopped")
        }
        let usage = outcome.usage
        Terminal.error(
            "— \(usage.iterations) turns, \(usage.calls.count) tool calls, \(UserMessages.duration(usage.milliseconds)), "
                + (usage.priceKnown ? "\(usage.cost)" : "price unknown"))
    }
}
