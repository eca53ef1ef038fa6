package import Logging

/// Creates the client for the provider that the settings name.
package enum ModelClientFactory {
    /// Creates the client for `settings`. Sends no request.
    ///
    /// - Parameters:
    ///   - offline: creates the model without network, for the provider `offline`.
    /// - Throws: ``BridgeError`` with ``ErrorCode/configuration`` when the key that Anthropic needs is missing, or when
    ///   the provider is not supported.
    package static func makeModel(
        _ settings: ModelSettings, http: HTTPClient, offline: () -> any ModelClient, logger: Logger
    ) throws -> any ModelClient {
        try FallbackModel.client(of: settings, logger: logger) { settings in
            try client(settings, http: http, offline: offline, logger: logger)
        }
    }

    /// The client without a fallback.
    private static func client(
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

    /// Whether a key is required: other servers with the same API may need none.
    private static func isAnthropic(_ baseURL: String) -> Bool { baseURL.hasPrefix("https://api.anthropic.com") }
}
