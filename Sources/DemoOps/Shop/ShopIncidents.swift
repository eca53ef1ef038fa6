import GRDB

extension Shop {
    mutating func addIncidents(_ db: Database) throws {
        let open = badDeploy + 22 * 60
        var rows: [[(any DatabaseValueConvertible)?]] = [
            [
                "INC-2041", "Checkout is slow and orders fail at payment", "sev1", "open", "checkout", open, nil,
                "Ines Duarte",
                "Customers wait for seconds at the payment step; some 7 % of the checkouts fail. The cause is not "
                    + "confirmed.",
            ],
            [
                "INC-2040", "Search suggestions are stale", "sev3", "monitoring", "search", now - 27 * Self.hour, nil,
                "Mina Park",
                "The suggestion index was not rebuilt last night. It was rebuilt by hand; we watch the next run.",
            ],
        ]
        let past: [(String, String, String)] = [
            ("Shipping rates time out for one carrier", "sev2", "shipping"),
            ("Duplicate confirmation mails", "sev3", "notifications"),
            ("Stock counts lag behind the warehouse", "sev2", "inventory"),
            ("Sign-in fails for some customers after a certificate change", "sev1", "auth"),
            ("Recommendations are empty for new customers", "sev3", "recommendations"),
            ("Disk of the reviews hosts nearly full", "sev3", "reviews"),
            ("Category pages slow after a cache flush", "sev2", "catalog"),
            ("Carts lose discounts", "sev2", "cart"), ("Refunds are delayed", "sev2", "payments"),
        ]
        for (number, (title, severity, service)) in past.enumerated() {
            let opened = now - (number + 2) * 30 * Self.hour - numbers.whole(0...7200)
            let lasted = numbers.whole(25...260) * 60
            rows.append([
                "INC-\(2039 - number)", title, severity, "resolved", service, opened, opened + lasted,
                numbers.one(of: ["Jonas Weber", "Greta Lind", "Lea Martin", "Clara Novak"], else: "Jonas Weber"),
                "Found by an alert; fixed after \(lasted / 60) minutes. The review is written.",
            ])
        }
        try insert(rows, into: "incidents", db)
        try insert(
            [
                ["INC-2041", open, "alerting", "checkout p95 above 2,000 ms for 10 minutes (ordinary: 240 ms)."],
                [
                    "INC-2041", open + 540, "Ines Duarte",
                    "Logs say \"timeout calling payments\". Payments is asked for help.",
                ],
                [
                    "INC-2041", open + 1860, "Yusuf Demir",
                    "Payments hosts are busy but healthy; we look at the database and at this morning's deploy.",
                ],
                [
                    "INC-2041", now - 25 * 60, "Ines Duarte",
                    "Still slow. Support has 140 tickets. Next update in 30 minutes.",
                ],
                ["INC-2040", now - 27 * Self.hour, "alerting", "The nightly suggestion build did not finish."],
                ["INC-2040", now - 24 * Self.hour, "Mina Park", "Built by hand; suggestions are fresh again."],
            ], into: "incident_updates", db)
    }
}
