package import Foundation

/// The retirement, past or announced, of a model by its provider.
package struct ModelRetirement: Sendable, Hashable {
    /// The model's id as it was passed in.
    package let model: String
    /// The day from which the provider does not serve the model, e.g. `2026-11-30`.
    package let day: String
    /// The model that replaces it, as a bare id.
    package let successor: String
    /// False while the provider still serves the model.
    package let isRetired: Bool

    /// One sentence for the log at the start, `omni check` and the hint of a rejected request.
    package var sentence: String {
        isRetired
            ? "The model \(model) was retired on \(day) and answers no more; use \(successor)."
            : "The model \(model) will be retired on \(day); change to \(successor) before."
    }
}

/// The models that Anthropic has retired or will retire (its deprecation page, November 2026). A retired model is
/// reported; it is never replaced automatically.
package enum RetiredModels {
    /// The retirement of a model as of `date`; nil when none is announced.
    package static func retirement(of model: String, on date: Date = Date()) -> ModelRetirement? {
        guard let entry = table[ModelID.bare(model)] else { return nil }
        let today = date.formatted(.iso8601.year().month().day())
        return ModelRetirement(model: model, day: entry.day, successor: entry.successor, isRetired: entry.day <= today)
    }

    private static let table: [String: (day: String, successor: String)] = [
        "claude-3-opus": ("2026-01-05", "claude-opus-5-5"),
        "claude-3-sonnet": ("2025-07-21", "claude-sonnet-5-5"),
        "claude-3-haiku": ("2026-04-20", "claude-haiku-5-5"),
        "claude-3-5-sonnet": ("2025-10-28", "claude-sonnet-5-5"),
        "claude-3-5-haiku": ("2026-02-19", "claude-haiku-5-5"),
        "claude-3-7-sonnet": ("2026-02-19", "claude-sonnet-5-5"),
        "claude-sonnet-4": ("2026-06-15", "claude-sonnet-5-5"),
        "claude-opus-4": ("2026-06-15", "claude-opus-5-5"),
        "claude-opus-4-0": ("2026-06-15", "claude-opus-5-5"),
        "claude-sonnet-4-0": ("2026-06-15", "claude-sonnet-5-5"),
        "claude-mythos-preview": ("2026-06-30", "claude-mythos-5-2"),
        "claude-opus-4-1": ("2026-08-05", "claude-opus-5-5"),
        "claude-sonnet-4-5": ("2026-11-30", "claude-sonnet-5-5"),
    ]
}
