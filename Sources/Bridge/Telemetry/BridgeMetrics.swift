import Metrics

/// The metrics of module Bridge. Labels are from closed sets: outcomes, error codes, kinds of tokens, models, servers
/// and tools.
enum BridgeMetrics {
    /// Counts an ended question by outcome or error code, its duration, and the tokens and cost (US dollars) of its
    /// model.
    static func question(_ outcome: QuestionOutcome, milliseconds: Int) {
        let label =
            switch outcome {
            case .answered: "answered"
            case .refused: "refused"
            case .cancelled: "cancelled"
            case .failed(let failure), .interrupted(let failure): failure.error.code.rawValue
            }
        Counter(label: "omni_bridge_questions_total", dimensions: [("outcome", label)]).increment()
        Timer(label: "omni_bridge_question_seconds").recordMilliseconds(milliseconds)
        let usage = outcome.usage
        guard let model = usage.model else { return }
        let tokens = [
            ("input", usage.tokens.input), ("output", usage.tokens.output), ("cache_read", usage.tokens.cacheRead),
            ("cache_write", usage.tokens.cacheWrite),
        ]
        for (kind, count) in tokens {
            Counter(label: "omni_bridge_tokens_total", dimensions: [("kind", kind), ("model", model)])
                .increment(by: count)
        }
        FloatingPointCounter(label: "omni_bridge_cost_dollars_total", dimensions: [("model", model)])
            .increment(by: Double(usage.cost.nano) / 1e9)
    }

    /// Counts a tool call by outcome, and its duration unless it was denied.
    static func toolCall(_ call: ToolActivity) {
        let labels = [("server", call.name.server), ("tool", call.name.tool), ("outcome", call.outcome.rawValue)]
        Counter(label: "omni_bridge_tool_calls_total", dimensions: labels).increment()
        guard call.outcome != .denied else { return }
        Timer(label: "omni_bridge_tool_call_seconds", dimensions: [("server", call.name.server)])
            .recordMilliseconds(call.milliseconds)
    }
}
