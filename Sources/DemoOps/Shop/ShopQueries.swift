import GRDB

/// A statement in the database's statistics of the last hour. Times are milliseconds.
private struct ShopQuery {
    let id: String
    let service: String
    let table: String
    var database = "shop"
    /// The index that the statement uses; nil for a sequential scan.
    let index: String?
    let calls: Int
    let mean: Double
    let yesterday: Double
    let rows: Int
    let sql: String

    static let all = [
        ShopQuery(
            id: "Q-01", service: "payments", table: "payment_attempts", index: nil, calls: 7_412, mean: 3_187.4,
            yesterday: 2.1, rows: 18_402_311,
            sql:
                "SELECT id, state, amount, provider FROM payment_attempts WHERE order_id::text = $1 ORDER BY created_at DESC"
        ),
        ShopQuery(
            id: "Q-02", service: "orders", table: "orders", index: "idx_orders_created", calls: 60, mean: 1_204.8,
            yesterday: 1_190.2, rows: 310_200,
            sql:
                "SELECT date_trunc('hour', created_at), count(*), sum(total) FROM orders WHERE created_at > $1 GROUP BY 1"
        ),
        ShopQuery(
            id: "Q-03", service: "payments", table: "payment_attempts", index: "payment_attempts_pkey", calls: 2_020,
            mean: 890.3, yesterday: 1.4, rows: 1, sql: "UPDATE payment_attempts SET state = $1 WHERE id = $2"),
        ShopQuery(
            id: "Q-04", service: "recommendations", table: "order_items", index: nil, calls: 12, mean: 820.9,
            yesterday: 815.0, rows: 27_884_090,
            sql:
                "SELECT product_id, count(*) FROM order_items WHERE quantity > $1 GROUP BY product_id ORDER BY 2 DESC LIMIT 500"
        ),
        ShopQuery(
            id: "Q-05", service: "shipping", table: "tracking_events", database: "warehouse",
            index: "idx_tracking_shipment",
            calls: 5_200, mean: 48.2, yesterday: 47.5, rows: 38,
            sql: "SELECT at, place, state FROM tracking_events WHERE shipment_id = $1 ORDER BY at"),
        ShopQuery(
            id: "Q-06", service: "orders", table: "orders", index: "idx_orders_customer", calls: 31_000, mean: 6.4,
            yesterday: 6.2, rows: 12,
            sql: "SELECT id, state, total FROM orders WHERE customer_id = $1 ORDER BY created_at DESC LIMIT 20"),
        ShopQuery(
            id: "Q-07", service: "orders", table: "order_items", index: "idx_order_items_order", calls: 98_000,
            mean: 1.9,
            yesterday: 1.8, rows: 3, sql: "SELECT product_id, quantity, price FROM order_items WHERE order_id = $1"),
        ShopQuery(
            id: "Q-08", service: "cart", table: "carts", index: "idx_carts_customer", calls: 51_000, mean: 1.2,
            yesterday: 1.2, rows: 1, sql: "SELECT id, items FROM carts WHERE customer_id = $1"),
        ShopQuery(
            id: "Q-09", service: "catalog", table: "products", index: "idx_products_category", calls: 123_000,
            mean: 2.6,
            yesterday: 2.7, rows: 48,
            sql: "SELECT id, name, price FROM products WHERE category_id = $1 ORDER BY rank LIMIT 48"),
        ShopQuery(
            id: "Q-10", service: "inventory", table: "stock", database: "warehouse", index: "stock_pkey", calls: 70_500,
            mean: 0.8, yesterday: 0.8, rows: 1, sql: "SELECT free FROM stock WHERE sku = $1 AND site = $2"),
        ShopQuery(
            id: "Q-11", service: "reviews", table: "reviews", index: "idx_reviews_product", calls: 26_400, mean: 5.1,
            yesterday: 5.3, rows: 20,
            sql: "SELECT stars, title, text FROM reviews WHERE product_id = $1 ORDER BY created_at DESC LIMIT 20"),
        ShopQuery(
            id: "Q-12", service: "auth", table: "sessions_web", index: "idx_sessions_web_expires", calls: 120,
            mean: 310.6,
            yesterday: 295.7, rows: 30_400, sql: "DELETE FROM sessions_web WHERE expires_at < now()"),
        ShopQuery(
            id: "Q-13", service: "auth", table: "customers", index: "idx_customers_email", calls: 16_700, mean: 0.9,
            yesterday: 0.9, rows: 1, sql: "SELECT id, password_hash FROM customers WHERE lower(email) = lower($1)"),
        ShopQuery(
            id: "Q-14", service: "shipping", table: "shipments", database: "warehouse", index: "idx_shipments_order",
            calls: 12_000, mean: 2.2, yesterday: 2.1, rows: 1,
            sql: "SELECT id, carrier, state FROM shipments WHERE order_id = $1"),
    ]

    var plan: String {
        let time = "actual time=0.04..\(mean) rows=\(min(rows, 48)) loops=1"
        guard let index else {
            let condition = id == "Q-01" ? "Filter: ((order_id)::text = $1)" : "Filter: (quantity > $1)"
            return "Seq Scan on \(table) (\(time))\n  \(condition)\n  Rows Removed by Filter: \(max(0, rows - 48))"
        }
        let wait = id == "Q-03" ? "\n  (of this, waiting for locks: 888.1 ms on average)" : ""
        return "Index Scan using \(index) on \(table) (\(time))\(wait)"
    }
}

extension Shop {
    mutating func addQueries(_ db: Database) throws {
        try insert(
            ShopQuery.all.map { query in
                let slowest = query.mean * numbers.fraction(2.1...3.4)
                return [
                    query.id, query.database, query.service, query.sql, query.table, query.index, query.plan,
                    query.calls,
                    query.mean, (slowest * 10).rounded() / 10, query.yesterday, query.rows,
                ]
            }, into: "queries", db)
        var runs: [[(any DatabaseValueConvertible)?]] = []
        for query in ShopQuery.all where query.mean > 300 {
            let isStory = query.service == "payments"
            for _ in 0..<(isStory ? 140 : 24) {
                let at = now - numbers.whole(1...(isStory ? Self.badDeployAge : Self.day))
                let ms = (query.mean * numbers.fraction(0.6...2.0) * 10).rounded() / 10
                runs.append([at, query.id, ms, query.rows, "\(query.service)-\(numbers.whole(1...2))"])
            }
        }
        try insert(runs, into: "slow_runs", db)
    }

    /// Sessions: one holds the lock that four others wait for; the rest are idle or run statements.
    mutating func addSessions(_ db: Database) throws {
        let queries = ShopQuery.all
        let update = queries.first { $0.id == "Q-03" }?.sql ?? ""
        let backfill = "UPDATE payment_attempts SET channel = 'web' WHERE channel IS NULL"
        var rows: [[(any DatabaseValueConvertible)?]] = [
            [8123, "shop", "payments", "payments_migration", "idle in transaction", backfill, badDeploy + 40, nil, nil]
        ]
        for (offset, waited) in [1140, 960, 610, 245].enumerated() {
            rows.append([
                8131 + 4 * offset, "shop", "payments", "payments_app", "active", update, now - waited, 8123,
                "transactionid (row of payment_attempts)",
            ])
        }
        for offset in 0..<34 {
            rows.append([
                8200 + 3 * offset, "shop", "payments", "payments_app", "active", queries[0].sql,
                now - numbers.whole(1...9), nil, nil,
            ])
        }
        for offset in 0..<88 {
            let query = numbers.one(of: Array(queries.dropFirst(4)), else: queries[0])
            let isActive = numbers.whole(1...5) == 1
            rows.append([
                9001 + 7 * offset, query.database, query.service, "\(query.service)_app", isActive ? "active" : "idle",
                query.sql, now - (isActive ? numbers.whole(0...2) : numbers.whole(3...900)), nil, nil,
            ])
        }
        try insert(rows, into: "sessions", db)
    }
}
