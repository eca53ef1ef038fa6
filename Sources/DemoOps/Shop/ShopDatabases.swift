import GRDB

extension Shop {
    private static let gigabyte = 1_073_741_824

    mutating func addDatabases(_ db: Database) throws {
        try insert(
            [
                ["shop", "PostgreSQL 17.6", 200, 91.4, 4.2], ["warehouse", "PostgreSQL 16.10", 100, 99.2, 0.3],
            ], into: "databases", db)
        let tables: [(String, String, Int, Double, Int)] = [
            ("payment_attempts", "shop", 18_402_311, 9.8, 2_911_402), ("orders", "shop", 9_120_544, 6.1, 210_500),
            ("order_items", "shop", 27_884_090, 7.4, 402_118), ("carts", "shop", 2_204_871, 1.2, 198_004),
            ("customers", "shop", 3_811_209, 2.3, 40_211), ("products", "shop", 412_030, 0.9, 8_112),
            ("product_prices", "shop", 1_650_221, 0.4, 12_900), ("reviews", "shop", 5_020_118, 3.0, 60_233),
            ("refunds", "shop", 602_114, 0.3, 4_020), ("sessions_web", "shop", 7_300_412, 2.7, 1_204_551),
            ("stock", "warehouse", 1_204_887, 0.6, 31_200), ("reservations", "warehouse", 4_402_110, 1.4, 88_410),
            ("shipments", "warehouse", 6_100_902, 2.9, 51_004),
            ("tracking_events", "warehouse", 44_012_330, 11.6, 300_117),
        ]
        try insert(
            tables.map { name, database, count, size, dead in
                let age = name == "payment_attempts" ? 9 * Self.day : numbers.whole(Self.hour...2 * Self.day)
                return [name, database, count, Int(size * Double(Self.gigabyte)), dead, now - age]
            }, into: "tables", db)
        let indexes: [(String, String, String, Bool, Double, Int)] = [
            ("payment_attempts_pkey", "payment_attempts", "id", true, 0.41, 302_000),
            ("idx_payment_attempts_order_id", "payment_attempts", "order_id", false, 0.62, 1_940_000),
            ("idx_payment_attempts_created", "payment_attempts", "created_at", false, 0.40, 9_100),
            ("orders_pkey", "orders", "id", true, 0.21, 2_410_000),
            ("idx_orders_customer", "orders", "customer_id, created_at", false, 0.30, 811_000),
            ("idx_orders_created", "orders", "created_at", false, 0.22, 64_200),
            ("idx_orders_legacy_ref", "orders", "legacy_ref", false, 0.34, 0),
            ("order_items_pkey", "order_items", "id", true, 0.63, 12_000),
            ("idx_order_items_order", "order_items", "order_id", false, 0.71, 2_380_000),
            ("idx_carts_customer", "carts", "customer_id", false, 0.06, 1_220_000),
            ("customers_pkey", "customers", "id", true, 0.09, 3_100_000),
            ("idx_customers_email", "customers", "lower(email)", true, 0.14, 402_000),
            ("idx_customers_phone_old", "customers", "phone", false, 0.12, 0),
            ("products_pkey", "products", "id", true, 0.01, 8_020_000),
            ("idx_products_category", "products", "category_id", false, 0.01, 2_950_000),
            ("idx_reviews_product", "reviews", "product_id, created_at", false, 0.16, 640_000),
            ("idx_reviews_stars", "reviews", "stars", false, 0.11, 0),
            ("idx_sessions_web_expires", "sessions_web", "expires_at", false, 0.16, 2_900),
            ("stock_pkey", "stock", "sku, site", true, 0.04, 1_700_000),
            ("idx_reservations_order", "reservations", "order_id", false, 0.10, 380_000),
            ("idx_shipments_order", "shipments", "order_id", false, 0.14, 290_000),
            ("idx_tracking_shipment", "tracking_events", "shipment_id, at", false, 1.02, 510_000),
        ]
        try insert(
            indexes.map { name, table, columns, isUnique, size, scans in
                let isLost = name == "idx_payment_attempts_order_id"
                let used = isLost ? badDeploy : now - (scans == 0 ? 120 * Self.day : numbers.whole(1...90))
                return [
                    name, table, columns, isUnique, Int(size * Double(Self.gigabyte)), scans, isLost ? 0 : scans / 24,
                    used,
                ]
            }, into: "indexes", db)
    }
}
