/// What a model accepts and how it behaves, as far as a request depends on it.
///
/// From the provider's model pages, November 2026. A model that is not in the table gets ``unknown``, whose requests
/// every model accepts.
package struct ModelCapabilities: Sendable, Hashable {
    /// How a model thinks before it answers, and whether a request may change that.
    package enum Thinking: Sendable, Hashable {
        /// Nothing is known: the request does not mention thinking.
        case unspecified
        /// Thinks only with an explicit budget; the request does not mention it.
        case manual
        /// Decides by itself how much to think; may be asked not to.
        case adaptive
        /// As `adaptive`; in place of `disabled` it takes `between_tools`.
        case adaptiveBetweenTools
        /// Always thinks; asking it not to is an error.
        case always
    }

    /// Tokens of prompt and answer together.
    package let contextWindow: Int
    /// The most tokens of one answer.
    package let maxOutput: Int
    /// Prompts below this many tokens are not cached.
    package let minimumCacheTokens: Int
    package let thinking: Thinking
    /// Words between tool calls arrive as thinking, empty unless `display` is `summarized`.
    package let speaksInThinking: Bool
    /// Whether `tool_choice` may be `any` or `tool`.
    package let acceptsForcedTools: Bool

    /// The safest assumptions: nothing optional is sent, little fits.
    package static let unknown = ModelCapabilities(
        contextWindow: 200_000, maxOutput: 8192, minimumCacheTokens: 4096, thinking: .unspecified,
        speaksInThinking: false, acceptsForcedTools: false)

    /// What is known of that model; dated ids and `-latest` mean the same as the bare id.
    package static func of(_ model: String) -> ModelCapabilities { table[ModelID.bare(model)] ?? unknown }

    private static func large(
        cache: Int, _ thinking: Thinking, speaksInThinking: Bool = false, forced: Bool = true
    ) -> ModelCapabilities {
        ModelCapabilities(
            contextWindow: 1_000_000, maxOutput: 128_000, minimumCacheTokens: cache, thinking: thinking,
            speaksInThinking: speaksInThinking, acceptsForcedTools: forced)
    }

    private static func small(cache: Int) -> ModelCapabilities {
        ModelCapabilities(
            contextWindow: 200_000, maxOutput: 64_000, minimumCacheTokens: cache, thinking: .manual,
            speaksInThinking: false, acceptsForcedTools: true)
    }

    private static let table: [String: ModelCapabilities] = [
        "claude-fable-5-2": large(cache: 512, .always, speaksInThinking: true, forced: false),
        "claude-mythos-5-2": large(cache: 512, .always, speaksInThinking: true, forced: false),
        "claude-fable-5-1": large(cache: 512, .always, speaksInThinking: true, forced: false),
        "claude-mythos-5-1": large(cache: 512, .always, speaksInThinking: true, forced: false),
        "claude-fable-5": large(cache: 512, .always, forced: false),
        "claude-mythos-5": large(cache: 512, .always, forced: false),
        "claude-opus-5-5": large(cache: 512, .always, speaksInThinking: true, forced: false),
        "claude-sonnet-5-5": large(cache: 512, .adaptiveBetweenTools, speaksInThinking: true, forced: false),
        "claude-haiku-5-5": large(cache: 512, .adaptive),
        "claude-opus-5": large(cache: 512, .adaptive),
        "claude-sonnet-5": large(cache: 1024, .adaptive),
        "claude-opus-4-8": large(cache: 1024, .adaptive),
        "claude-opus-4-7": large(cache: 2048, .adaptive),
        "claude-opus-4-6": large(cache: 4096, .adaptive),
        "claude-sonnet-4-6": large(cache: 1024, .adaptive),
        "claude-opus-4-5": small(cache: 4096),
        "claude-sonnet-4-5": small(cache: 1024),
        "claude-haiku-4-5": small(cache: 4096),
    ]
}

/// The ways in which one model is named.
enum ModelID {
    /// The id without its date: `claude-haiku-4-5-20251001` and `claude-haiku-4-5-latest` are `claude-haiku-4-5`.
    static func bare(_ model: String) -> String {
        guard let dash = model.lastIndex(of: "-") else { return model }
        let ending = model[model.index(after: dash)...]
        let isDate = ending.utf8.count == 8 && ending.hasPrefix("20") && ending.utf8.allSatisfy { (0x30...0x39) ~= $0 }
        return isDate || ending == "latest" ? String(model[..<dash]) : model
    }
}
