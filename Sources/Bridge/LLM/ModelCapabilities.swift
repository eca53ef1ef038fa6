/// What a model accepts and how it behaves, as far as a request depends on it.
///
/// From the provider's model pages, November 2026. For a model that is not in the table ``unknown`` holds, with which
/// requests contain only what every model accepts.
package struct ModelCapabilities: Sendable, Hashable {
    /// How a model thinks before it answers, and which `thinking` a request may have.
    package enum Thinking: Sendable, Hashable {
        /// Not known.
        case unspecified
        /// Thinks only with an explicit budget of tokens.
        case manual
        /// Decides by itself how much to think; accepts `disabled`.
        case adaptive
        /// As `adaptive`, but accepts `between_tools` instead of `disabled`.
        case adaptiveBetweenTools
        /// Always thinks; rejects `disabled`.
        case always
    }

    /// The most tokens of prompt and response together.
    package let contextWindow: Int
    /// The most tokens of one response.
    package let maxOutput: Int
    package let thinking: Thinking
    /// Whether the text between tool calls arrives as thinking, which is empty unless `display` is `summarized`.
    package let speaksInThinking: Bool

    /// For a model that is not in the table: nothing optional is accepted, and the limits are low.
    package static let unknown = ModelCapabilities(
        contextWindow: 200_000, maxOutput: 8192, thinking: .unspecified, speaksInThinking: false)

    /// The capabilities of a model, ``unknown`` if it is not in the table. A dated id and one with `-latest` mean the
    /// same as the bare id.
    package static func of(_ model: String) -> ModelCapabilities { table[ModelID.bare(model)] ?? unknown }

    private static func large(_ thinking: Thinking, speaksInThinking: Bool = false) -> ModelCapabilities {
        ModelCapabilities(
            contextWindow: 1_000_000, maxOutput: 128_000, thinking: thinking, speaksInThinking: speaksInThinking)
    }

    private static let small = ModelCapabilities(
        contextWindow: 200_000, maxOutput: 64_000, thinking: .manual, speaksInThinking: false)

    private static let table: [String: ModelCapabilities] = [
        "claude-fable-5-2": large(.always, speaksInThinking: true),
        "claude-mythos-5-2": large(.always, speaksInThinking: true),
        "claude-fable-5-1": large(.always, speaksInThinking: true),
        "claude-mythos-5-1": large(.always, speaksInThinking: true),
        "claude-fable-5": large(.always),
        "claude-mythos-5": large(.always),
        "claude-opus-5-5": large(.always, speaksInThinking: true),
        "claude-sonnet-5-5": large(.adaptiveBetweenTools, speaksInThinking: true),
        "claude-haiku-5-5": large(.adaptive),
        "claude-opus-5": large(.adaptive),
        "claude-sonnet-5": large(.adaptive),
        "claude-opus-4-8": large(.adaptive),
        "claude-opus-4-7": large(.adaptive),
        "claude-opus-4-6": large(.adaptive),
        "claude-sonnet-4-6": large(.adaptive),
        "claude-opus-4-5": small,
        "claude-sonnet-4-5": small,
        "claude-haiku-4-5": small,
    ]
}

/// Normalises model ids.
enum ModelID {
    /// The id without its date: `claude-haiku-4-5-20251001` and `claude-haiku-4-5-latest` are `claude-haiku-4-5`.
    static func bare(_ model: String) -> String {
        guard let dash = model.lastIndex(of: "-") else { return model }
        let ending = model[model.index(after: dash)...]
        let isDate = ending.utf8.count == 8 && ending.hasPrefix("20") && ending.utf8.allSatisfy { (0x30...0x39) ~= $0 }
        return isDate || ending == "latest" ? String(model[..<dash]) : model
    }
}
