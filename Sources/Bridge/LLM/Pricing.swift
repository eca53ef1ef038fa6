/// The built-in price list, and the cost of a model call.
package enum Pricing {
    /// The day on which the built-in list was compared with the providers' pages.
    package static let date = "2026-11-22"

    /// The cost of one model call.
    ///
    /// - Parameters:
    ///   - usage: the tokens of one call, since a price may depend on the length of the prompt.
    ///   - model: the model's id; a dated id and one with `-latest` are priced as the bare id.
    ///   - overrides: the configured prices (`llm.prices`), which take precedence over the list.
    /// - Returns: the amount; whether a price is known (if not, the amount is zero); the day of the price used, nil
    ///   when none is known.
    package static func cost(
        of usage: TokenUsage, model: String, overrides: [String: ModelPrice] = [:]
    ) -> (money: Money, known: Bool, date: String?) {
        let prompt = usage.input + usage.cacheRead + usage.cacheWrite
        guard let price = price(of: model, prompt: prompt, overrides) else { return (.zero, false, nil) }
        return (money(usage, at: price), true, price.date)
    }

    /// The cost of the tokens of several calls of a model, at the price of a prompt of `prompt` tokens; nil when none
    /// is known.
    package static func cost(
        of usage: TokenUsage, model: String, prompt: Int, overrides: [String: ModelPrice] = [:]
    ) -> (money: Money, date: String)? {
        price(of: model, prompt: prompt, overrides).map { (money(usage, at: $0), $0.date) }
    }

    private static func money(_ usage: TokenUsage, at price: ModelPrice) -> Money {
        Money(
            nano: times(usage.input, price.input) + times(usage.output, price.output)
                + times(usage.cacheRead, price.cacheRead) + times(usage.cacheWrite5m, price.cacheWrite5m)
                + times(usage.cacheWrite1h, price.cacheWrite1h))
    }

    /// The price of a model for a prompt of `prompt` tokens (cached ones included); nil when none is known.
    package static func price(
        of model: String, prompt: Int = 0, _ overrides: [String: ModelPrice] = [:]
    ) -> ModelPrice? {
        let bare = ModelID.bare(model)
        if let price = overrides[model] ?? overrides[bare] { return price }
        guard let entry = list[bare] else { return nil }
        if let long = entry.long, prompt > long.above { return long.price }
        return entry.price
    }

    /// The product, at most a fifth of `Int64.max`, so that the sum of five cannot overflow.
    private static func times(_ tokens: Int, _ nano: Int64) -> Int64 {
        let (product, overflow) = Int64(max(tokens, 0)).multipliedReportingOverflow(by: max(nano, 0))
        return min(overflow ? .max : product, .max / 5)
    }

    private struct Entry {
        let price: ModelPrice
        /// The price of the whole request when its prompt has more than `above` tokens.
        var long: (above: Int, price: ModelPrice)?
    }

    /// Prices in thousandths of a dollar per million tokens, which are nano-dollars per token.
    private static func usd(
        _ input: Int64, _ output: Int64, write5m: Int64, write1h: Int64, read: Int64
    ) -> ModelPrice {
        ModelPrice(
            input: input, output: output, cacheRead: read, cacheWrite5m: write5m, cacheWrite1h: write1h, date: date)
    }

    private static let list: [String: Entry] = [
        "claude-fable-5-2": Entry(price: usd(8000, 40000, write5m: 10000, write1h: 16000, read: 200)),
        "claude-mythos-5-2": Entry(price: usd(8000, 40000, write5m: 10000, write1h: 16000, read: 200)),
        "claude-fable-5-1": Entry(price: usd(10000, 50000, write5m: 12500, write1h: 20000, read: 250)),
        "claude-mythos-5-1": Entry(price: usd(10000, 50000, write5m: 12500, write1h: 20000, read: 250)),
        "claude-fable-5": Entry(price: usd(10000, 50000, write5m: 12500, write1h: 20000, read: 1000)),
        "claude-mythos-5": Entry(price: usd(10000, 50000, write5m: 12500, write1h: 20000, read: 1000)),
        "claude-opus-5-5": Entry(price: usd(4000, 20000, write5m: 5000, write1h: 8000, read: 200)),
        "claude-opus-5": Entry(price: usd(5000, 25000, write5m: 6250, write1h: 10000, read: 500)),
        "claude-opus-4-8": Entry(price: usd(5000, 25000, write5m: 6250, write1h: 10000, read: 500)),
        "claude-opus-4-7": Entry(price: usd(5000, 25000, write5m: 6250, write1h: 10000, read: 500)),
        "claude-opus-4-6": Entry(price: usd(5000, 25000, write5m: 6250, write1h: 10000, read: 500)),
        "claude-opus-4-5": Entry(price: usd(5000, 25000, write5m: 6250, write1h: 10000, read: 500)),
        "claude-sonnet-5-5": Entry(price: usd(2000, 10000, write5m: 2500, write1h: 4000, read: 100)),
        "claude-sonnet-5": Entry(price: usd(2000, 10000, write5m: 2500, write1h: 4000, read: 200)),
        "claude-sonnet-4-6": Entry(price: usd(3000, 15000, write5m: 3750, write1h: 6000, read: 300)),
        "claude-sonnet-4-5": Entry(price: usd(3000, 15000, write5m: 3750, write1h: 6000, read: 300)),
        "claude-haiku-5-5": Entry(
            price: usd(100, 500, write5m: 125, write1h: 200, read: 10),
            long: (above: 100_000, price: usd(500, 2500, write5m: 625, write1h: 1000, read: 50))),
        "claude-haiku-4-5": Entry(price: usd(1000, 5000, write5m: 1250, write1h: 2000, read: 100)),
        // Retired; rows of the original system are priced by it.
        "claude-3-5-haiku": Entry(price: usd(800, 4000, write5m: 1000, write1h: 1600, read: 80)),
        "offline": Entry(price: usd(0, 0, write5m: 0, write1h: 0, read: 0)),
    ]
}
