package import Bridge
package import Foundation

/// What a new pricing of the audit log changed.
package struct RepriceSummary: Sendable, Hashable {
    /// Rows whose cost was computed anew.
    package var rows = 0
    /// Rows whose model still has no known price.
    package var unpriced = 0
    /// The sum of their costs before and after.
    package var before = Money.zero
    package var after = Money.zero
}

extension Store {
    /// Computes the cost of questions anew, for rows that used a model whose price was not known, or for all rows of
    /// `model`. The audit row itself is not changed: the new cost is stored beside it, in `audit_reprice`, and replaces
    /// it in every report. Safe to repeat.
    ///
    /// A row has the sum of its question's tokens, so the price of the average prompt is used, and that of the cache
    /// with a lifetime of five minutes.
    ///
    /// - Parameters:
    ///   - price: the cost of tokens of a model, with the mean length of a prompt; nil when its price is not known.
    ///   - isDryRun: counts and stores nothing.
    package func reprice(
        since: Date, model: String? = nil, isDryRun: Bool = false,
        price: @escaping @Sendable (_ model: String, _ tokens: TokenUsage, _ prompt: Int) -> ModelCost?
    ) async throws -> RepriceSummary {
        var summary = RepriceSummary()
        var (position, days): (Int64, Set<String>) = (0, [])
        while true {
            let page = try await repricable(since: since, model: model, after: position)
            guard let last = page.last?.id else { break }
            position = last
            let priced = page.compactMap { row -> (row: AuditRow, cost: ModelCost)? in
                price(row.model ?? "", row.tokens, row.meanPrompt).map { (row, $0) }
            }
            summary.rows += priced.count
            summary.unpriced += page.count - priced.count
            for (row, cost) in priced {
                summary.before += row.cost
                summary.after += cost.money
                days.insert(calendar.day(of: row.createdAt))
            }
            if !isDryRun { try await store(priced) }
        }
        guard !isDryRun else { return summary }
        for day in days.sorted() { try await rebuildRollups(days: day...day) }
        try await sumMonths()
        return summary
    }

    private func repricable(since: Date, model: String?, after position: Int64) async throws -> [AuditRow] {
        try await database.read { connection in
            var statement = SQLStatement(connection.dialect)
            let start = statement.bind(.time(since))
            let which = model.map { "model = \(statement.bind(.text($0)))" } ?? "NOT price_known"
            let sql = """
                SELECT id, \(AuditRow.selection(connection.dialect)) FROM audit_logs
                WHERE created_at >= \(start) AND id > \(statement.bind(.int(position))) AND model IS NOT NULL
                    AND \(which)
                ORDER BY id LIMIT 500
                """
            return try connection.query(sql, statement.values).compactMap { AuditRow($0) }
        }
    }

    private func store(_ priced: [(row: AuditRow, cost: ModelCost)]) async throws {
        let now = Date()
        try await database.write { connection in
            try Self.lockDays(connection)
            for (row, cost) in priced {
                try SQLStatement.insertLater(
                    into: "audit_reprice",
                    [
                        ("audit_id", .int(row.id)), ("old_nano", .int(row.cost.nano)),
                        ("new_nano", .int(cost.money.nano)), ("price_date", .text(cost.date)), ("at", .time(now)),
                    ],
                    """
                    ON CONFLICT (audit_id) DO UPDATE SET new_nano = excluded.new_nano,
                        price_date = excluded.price_date, at = excluded.at
                    """, on: connection)
            }
        }
    }
}

/// The cost of a model's tokens.
package struct ModelCost: Sendable, Hashable {
    package let money: Money
    /// The day of the price list.
    package let date: String

    package init(money: Money, date: String) {
        self.money = money
        self.date = date
    }
}

extension AuditRow {
    fileprivate var tokens: TokenUsage {
        TokenUsage(
            input: tokensInput, output: tokensOutput, cacheRead: tokensCached, cacheWrite5m: tokensCacheWrite)
    }

    fileprivate var meanPrompt: Int { (tokensInput + tokensCached + tokensCacheWrite) / max(1, iterations) }
}
