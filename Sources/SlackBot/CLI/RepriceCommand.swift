import Analytics
import ArgumentParser
import Bridge

/// `omni audit reprice`: computes costs anew that were stored without a known price.
struct RepriceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reprice", abstract: "Compute the cost of questions anew whose model had no known price.",
        discussion: """
            Prices are those of this program and of llm.prices in settings.yaml. The rows of the audit log stay as they \
            are: the new cost is stored beside them and used in every report.
            """)

    @Option(help: "Only questions that ended since then: \(Since.examples).")
    var since: SinceArgument

    @Option(help: "All questions of this model, also those whose price was known.")
    var model: String?

    @Flag(help: "Say what would change, and change nothing.")
    var dryRun = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let (date, model, dryRun) = (since.date, model, dryRun)
        let summary = try await config.withStore { store, live in
            let prices = live.current.model.prices
            return try await store.reprice(since: date, model: model, isDryRun: dryRun) { model, tokens, prompt in
                Pricing.cost(of: tokens, model: model, prompt: prompt, overrides: prices)
                    .map { ModelCost(money: $0.money, date: $0.date) }
            }
        }
        let verb = dryRun ? "would be priced anew" : "priced anew"
        Terminal.out("\(summary.rows) questions \(verb): \(summary.before) before, \(summary.after) after.")
        if summary.unpriced > 0 {
            Terminal.out("\(summary.unpriced) questions used a model without a known price; set it in llm.prices.")
        }
    }
}
