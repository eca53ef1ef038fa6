import Bridge

/// Decodes `llm` of settings.yaml; the environment's keys and base URLs take precedence.
enum ModelSection {
    static func decode(_ node: ConfigNode, _ environment: EnvironmentVariables) -> ModelSettings {
        var model = ModelSettings()
        model.provider = node["provider"].choice("provider", ModelSettings.Provider.self) ?? model.provider
        access(node, environment, into: &model)
        name(node["model"], into: &model)
        model.fallbackModel = node["fallback_model"].text()
        model.maxTokens = node["max_tokens"].int(in: 1...1_000_000) ?? model.maxTokens
        model.timeout = node["timeout_seconds"].duration() ?? model.timeout
        model.maxRetries = node["max_retries"].int(in: 0...20) ?? model.maxRetries
        model.retryBudget = node["retry_budget_seconds"].number().map { Duration.seconds($0) } ?? model.retryBudget
        model.maxIterations = node["max_iterations"].int(in: 1...100) ?? model.maxIterations
        model.instructions = node["instructions"].text() ?? model.instructions
        for (name, price) in node["prices"].entries() { model.prices[name] = Self.price(price) }
        return model
    }

    /// The variables of the chosen provider take precedence over the file; those of other providers are ignored.
    private static func access(_ node: ConfigNode, _ environment: EnvironmentVariables, into model: inout ModelSettings)
    {
        let prefix: String? =
            switch model.provider {
            case .anthropic: "ANTHROPIC"
            case .openai: "OPENAI"
            case .offline: nil
            }
        if model.provider == .openai { model.baseURL = "https://api.openai.com" }
        let key = prefix.flatMap { environment.secret("\($0)_API_KEY") }
        let url = prefix.flatMap { environment["\($0)_BASE_URL"] }
        let keyNode = prefix == nil || key != nil ? node["api_key"].inactive() : node["api_key"]
        let urlNode = prefix == nil || url != nil ? node["base_url"].inactive() : node["base_url"]
        let writtenKey = keyNode.secret()
        let writtenURL = baseURL(urlNode)
        model.apiKey = prefix == nil ? nil : key ?? writtenKey
        if let url = url ?? writtenURL { model.baseURL = withoutVersion(url) }
    }

    private static func baseURL(_ node: ConfigNode) -> String? {
        guard let url = node.text(), !url.isEmpty else { return nil }
        guard WebAddress(url) != nil else {
            node.report("is no http or https address", hint: "write https://host, without a path")
            return nil
        }
        return url
    }

    /// `https://host/v1/` as `https://host`.
    private static func withoutVersion(_ url: String) -> String {
        var url = url[...]
        while url.hasSuffix("/") { url.removeLast() }
        if url.hasSuffix("/v1") { url.removeLast(3) }
        while url.hasSuffix("/") { url.removeLast() }
        return String(url)
    }

    private static func name(_ node: ConfigNode, into model: inout ModelSettings) {
        switch model.provider {
        case .anthropic: model.model = node.text() ?? model.model
        case .openai: model.model = node.requiredText(hint: "name the model that the server offers") ?? ""
        case .offline:
            _ = node.inactive().text()
            model.model = ModelSettings.Provider.offline.rawValue
        }
    }

    /// Converts USD per million tokens to nano-dollars per token; the prices of the cache default to that of the input.
    private static func price(_ node: ConfigNode) -> ModelPrice? {
        func nano(_ key: String) -> Int64? { node[key].number().map { Int64(($0 * 1000).rounded()) } }
        let (input, output) = (nano("input"), nano("output"))
        let (read, write5m, write1h) = (nano("cache_read"), nano("cache_write_5m"), nano("cache_write_1h"))
        let date = node["date"].text() ?? "configured"
        guard let input, let output else {
            if (input == nil && !node["input"].hasProblem) || (output == nil && !node["output"].hasProblem) {
                node.report("a price needs input and output", hint: "give both in USD per million tokens")
            }
            return nil
        }
        return ModelPrice(
            input: input, output: output, cacheRead: read ?? input, cacheWrite5m: write5m ?? input,
            cacheWrite1h: write1h ?? input, date: date)
    }
}
