import Bridge
import GRDB

/// Tools about deploys and their effects.
enum DeployTools {
    static let all = [deploys, compare]

    static let deploys = DemoTool(
        "list_deploys", "Deploys",
        """
        Lists deploys (releases, rollouts) of services, the newest first, with version, author, time, status and what \
        changed. Use it to answer what was deployed when and by whom, for one service or for all. \
        Looks back 24 hours unless told otherwise; the record goes back 14 days.
        """,
        [
            .service, .number("hours", "How many hours to look back.", default: 24, 1...336),
            .choice("status", "Only deploys that ended so.", ["succeeded", "rolled_back"]), .limit(20),
        ]
    ) { context in
        let service = try context.service()
        let hours = context.number("hours", default: 24, 1...336)
        let table = try context.table(
            [
                ResultColumn("id", "Id"), ResultColumn("service", "Service"), ResultColumn("version", "Version"),
                ResultColumn("deployed_at", "When", .time), ResultColumn("author", "Author"),
                ResultColumn("status", "Status"),
                ResultColumn("change", "Change"),
            ],
            """
            SELECT id, service, version, deployed_at, author, status, change, count(*) OVER () AS total FROM deploys
            WHERE deployed_at >= :since AND (:service IS NULL OR service = :service)
                AND (:status IS NULL OR status = :status)
            ORDER BY deployed_at DESC, id DESC LIMIT :limit
            """,
            [
                "since": context.now - hours * 3600, "service": service, "status": context.text("status"),
                "limit": context.number("limit", default: 20, 1...100),
            ])
        let of = "\(service.map { " of \($0)" } ?? "") in the last \(ValueFormat.count(hours, "hour", "hours"))"
        return table.answer(
            "\(ValueFormat.count(table.total, "deploy", "deploys"))\(of):", empty: "There was no deploy\(of).",
            narrow: "narrow with service, status or hours, or raise limit")
    }

    static let compare = DemoTool(
        "compare_deploys", "Before and after a deploy",
        """
        Compares a service before and after one of its deploys: latency, error rate and load in the two hours on either \
        side, and what changed. Takes the newest deploy unless a version is named. Use it to judge whether a release \
        made something worse, and who to ask.
        """,
        [
            .choice("service", "The service.", ShopService.names).required,
            .text("version", "The version that was deployed, for example v2.14.0; the newest when left out."),
        ]
    ) { context in
        let service = try context.requiredService()
        let version = context.text("version")
        if let version {
            let sql = "SELECT version FROM deploys WHERE service = ? ORDER BY deployed_at DESC"
            let versions = try String.fetchAll(context.db, sql: sql, arguments: [service])
            guard versions.contains(version) else {
                throw CallProblem.unknown("version of \(service)", version, known: versions, listedBy: "list_deploys")
            }
        }
        guard
            let deploy = try context.row(
                """
                SELECT version, previous, author, deployed_at, change, status FROM deploys
                WHERE service = :service AND (:version IS NULL OR version = :version)
                ORDER BY deployed_at DESC LIMIT 1
                """, ["service": service, "version": version])
        else { throw CallProblem("\(service) was not deployed in the last 14 days.") }
        let at: Int = deploy["deployed_at"]
        let table = try context.table(
            [
                ResultColumn("period", "Period"), ResultColumn("p50_ms", "p50", .milliseconds),
                ResultColumn("p95_ms", "p95", .milliseconds),
                ResultColumn("error_percent", "Errors", .percent), ResultColumn("requests", "Requests", .count),
            ],
            """
            SELECT iif(at >= :at, 'after', 'before') AS period, avg(p50_ms) AS p50_ms, avg(p95_ms) AS p95_ms,
                100.0 * sum(errors) / max(1, sum(requests)) AS error_percent, sum(requests) AS requests
            FROM metrics WHERE service = :service AND at >= :at - 9000 AND at < :at + 7200
                AND (at + 1800 <= :at OR at >= :at)
            GROUP BY 1 ORDER BY 1 DESC
            """, ["service": service, "at": at])
        let (name, previous): (String, String) = (deploy["version"], deploy["previous"])
        let (author, change): (String, String) = (deploy["author"], deploy["change"])
        let heading = """
            \(service) \(previous) → \(name), deployed \(ValueFormat.time(at)) (\(ValueFormat.duration(context.now - at)) ago) by \
            \(author): \(change)
            """
        var answer = table.answer(heading, empty: heading, narrow: "")
        answer.data["service"] = .string(service)
        answer.data["version"] = .string(name)
        answer.data["previous"] = .string(previous)
        return answer
    }
}
