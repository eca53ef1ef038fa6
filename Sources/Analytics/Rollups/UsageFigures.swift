package import Bridge
package import Foundation

/// The counters of one row of `usage_rollups`, or the sum of several.
package struct UsageFigures: Sendable, Hashable {
    /// Questions; for a server or a tool those that used it.
    package var questions: Int64 = 0
    /// Questions with the status `error`, refused ones included.
    package var errors: Int64 = 0
    package var warnings: Int64 = 0
    /// Refused questions.
    package var blocked: Int64 = 0
    /// Tool calls that were sent, without denied ones.
    package var calls: Int64 = 0
    /// Sent calls that failed or whose effect is unknown.
    package var failedCalls: Int64 = 0
    package var deniedCalls: Int64 = 0
    /// Model calls.
    package var iterations: Int64 = 0
    package var tokensInput: Int64 = 0
    package var tokensOutput: Int64 = 0
    package var tokensCached: Int64 = 0
    package var tokensCacheWrite: Int64 = 0
    /// The cost in nano-dollars, without models of unknown price.
    package var costNano: Int64 = 0
    /// Questions that used a model of unknown price.
    package var unpriced: Int64 = 0
    /// The sum of the durations in milliseconds: of questions; for a server or a tool of its sent calls.
    package var milliseconds: Int64 = 0
    /// When the last of the questions ended; nil without any.
    package var lastAt: Date?

    package init() {}

    package var cost: Money { Money(nano: costNano) }

    /// The columns of the counters, in the table's order.
    static let columns: [(name: String, path: any WritableKeyPath<UsageFigures, Int64> & Sendable)] = [
        ("questions", \.questions), ("errors", \.errors), ("warnings", \.warnings), ("blocked", \.blocked),
        ("calls", \.calls), ("failed_calls", \.failedCalls), ("denied_calls", \.deniedCalls),
        ("iterations", \.iterations), ("tokens_input", \.tokensInput), ("tokens_output", \.tokensOutput),
        ("tokens_cached", \.tokensCached), ("tokens_cache_write", \.tokensCacheWrite), ("cost_nano", \.costNano),
        ("unpriced", \.unpriced), ("ms", \.milliseconds),
    ]

    /// Counters from a row of `usage_rollups`, or of sums under the columns' names; missing ones are 0.
    package init(_ row: SQLRow) {
        self.init()
        for (name, path) in Self.columns { self[keyPath: path] = row.int(name) ?? 0 }
        lastAt = row.time("last_at")
    }

    package static func += (left: inout UsageFigures, right: UsageFigures) {
        for (_, path) in columns { left[keyPath: path] += right[keyPath: path] }
        left.lastAt = [left.lastAt, right.lastAt].compactMap { $0 }.max()
    }
}
