package import Logging

/// Finds the client for the model that the settings name.
package enum ModelClientFactory {
    /// Makes the client for `settings`.
    ///
    /// - Parameters:
    ///   - offline: makes the model without network, for the provider `offline`.
    /// - Throws: ``BridgeError`` with ``ErrorCode/configuration`` when the provider cannot be asked with these settings.
    package static func makeModel(
        _ settings: ModelSettings, http: HTTPClient, offline: () -> any ModelClient, logger: Logger
    ) throws -> any ModelClient {
        switch settings.provider {
        case .offline: return offline()
        case .anthropic:
            guard settings.apiKey != nil || !isAnthropic(settings.baseURL) else {
                throw BridgeError(
                    .configuration, "The provider anthropic needs an API key and none is set.",
                    hint: "Set ANTHROPIC_API_KEY or llm.api_key, or llm.provider to offline.")
            }
            return AnthropicClient(AnthropicConfiguration(settings), http: http, logger: logger)
        case .openai:
            throw BridgeError(
                .configuration, "The provider openai is not available in this version.",
                hint: "Set llm.provider to anthropic or offline; vLLM, Ollama and llama.cpp also speak Anthropic's API."
            )
        }
    }

    /// Servers at home that speak the same API ask for no key.
    private static func isAnthropic(_ baseURL: String) -> Bool { baseURL.hasPrefix("https://api.anthropic.com") }
}
