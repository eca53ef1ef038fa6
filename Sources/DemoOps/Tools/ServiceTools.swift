import Bridge
import GRDB

/// Tools about services: list, health, error rate, on-call.
enum ServiceTools {
    static let all = [services, health, errorRate, onCall]

    static let services = DemoTool(
        "list_services", "Services",
        """
        Lists the services of the shop with team, tier, language, running version and uptime. Use it to find out what \
        exists and who owns it. Tier 1 services are those without which customers cannot buy.
        """,
        [.choice("team", "Only the services of this team.", ShopService.teams)]
    ) { context in
        let team = context.text("team")
        return try context.table(
            [
                ResultColumn("service", "Service"), ResultColumn("purpose", "Purpose"), ResultColumn("team", "Team"),
                ResultColumn("tier", "Tier"), ResultColumn("language", "Language"), ResultColumn("version", "Version"),
                ResultColumn("started_at", "Up for", .age),
            ],
            """
            SELECT name AS service, purpose, team, tier, language, started_at,
                (SELECT version FROM deploys WHERE service = name AND status = 'succeeded'
                 ORDER BY deployed_at DESC, id DESC LIMIT 1) AS version
            FROM services WHERE :team IS NULL OR team = :team ORDER BY tier, name
            """, ["team": team]
        ).answer(
            team.map { "Services of team \($0):" } ?? "Services of the shop:",
            empty: "There is no team \"\(team ?? "")\".", narrow: "name a team")
    }

    static let health = DemoTool(
        "get_service_health", "Health of services",
        """
        Tells how services do right now: latency (p50, p95) and error rate of the last half hour against the same time \
        yesterday, hosts, and open incidents. Without a service it compares all of them; with one also those that it \
        calls. The worst come first. Use it for questions such as "is checkout slow?" or \
        "which services are slow, unhealthy or failing?".
        """, [.service]
    ) { context in
        let service = try context.service()
        let table = try context.table(
            [
                ResultColumn("service", "Service"), ResultColumn("p50_ms", "p50", .milliseconds),
                ResultColumn("p95_ms", "p95", .milliseconds),
                ResultColumn("p95_yesterday_ms", "p95 yesterday", .milliseconds),
                ResultColumn("error_percent", "Errors", .percent), ResultColumn("cpu_percent", "CPU", .percent),
                ResultColumn("memory_percent", "Memory", .percent), ResultColumn("incidents", "Open incidents"),
            ],
            """
            SELECT n.service, n.p50_ms, n.p95_ms, y.p95_ms AS p95_yesterday_ms,
                100.0 * n.errors / max(1, n.requests) AS error_percent,
                (SELECT avg(cpu_percent) FROM hosts h WHERE h.service = n.service) AS cpu_percent,
                (SELECT avg(memory_percent) FROM hosts h WHERE h.service = n.service) AS memory_percent,
                (SELECT group_concat(id, ', ') FROM incidents i WHERE i.service = n.service AND i.status <> 'resolved')
                    AS incidents
            FROM metrics n JOIN metrics y ON y.service = n.service AND y.at = n.at - 86400
            WHERE n.at = (SELECT max(at) FROM metrics) AND (:service IS NULL OR n.service = :service
                OR n.service IN (SELECT callee FROM service_calls WHERE caller = :service))
            ORDER BY n.p95_ms / y.p95_ms DESC, n.service
            """, ["service": service])
        let which = service.map { table.rows.count > 1 ? "\($0) and the services that it calls" : $0 } ?? "all services"
        let order = table.rows.count > 1 ? ", the worst first" : ""
        var answer = table.answer(
            "Health of \(which)\(order), last 30 minutes:", empty: "There are no measurements.",
            narrow: "name a service")
        let slower = table.rows.compactMap { slowdown($0) }
        if !slower.isEmpty { answer.text += "\n\nMuch slower than yesterday: \(slower.joined(separator: ", "))." }
        return answer
    }

    /// The service of a row with how many times its p95 is that of yesterday; nil below 3.
    private static func slowdown(_ row: [JSONValue]) -> String? {
        guard row.count > 3, let name = row[0].string, let now = row[2].double, let yesterday = row[3].double,
            now >= 3 * yesterday, yesterday > 0
        else { return nil }
        return "\(name) (p95 is \(ValueFormat.grouped(Int((now / yesterday).rounded()))) times as long)"
    }

    static let errorRate = DemoTool(
        "get_error_rate", "Error rate over time",
        """
        Shows requests, failed requests and error rate of one service in steps of half an hour, the newest first. \
        Use it to see when a problem began or ended. For a comparison of all services use get_service_health.
        """,
        [
            .choice("service", "The service.", ShopService.names).required,
            .number("hours", "How many hours to look back.", default: 6, 1...72),
        ]
    ) { context in
        let service = try context.requiredService()
        let hours = context.number("hours", default: 6, 1...72)
        return try context.table(
            [
                ResultColumn("at", "From", .time), ResultColumn("requests", "Requests", .count),
                ResultColumn("errors", "Failed", .count),
                ResultColumn("error_percent", "Error rate", .percent), ResultColumn("p95_ms", "p95", .milliseconds),
            ],
            """
            SELECT at, requests, errors, 100.0 * errors / max(1, requests) AS error_percent, p95_ms
            FROM metrics WHERE service = :service AND at >= :since ORDER BY at DESC
            """, ["service": service, "since": context.now - hours * 3600]
        ).answer(
            "Error rate of \(service), last \(ValueFormat.count(hours, "hour", "hours")):",
            empty: "There are no measurements of \(service).", narrow: "ask for fewer hours")
    }

    static let onCall = DemoTool(
        "get_on_call", "Who is on call",
        """
        Tells who is on call now for a team or for the team that owns a service, with e-mail address and end of the \
        shift. Without arguments it shows every team. Use it before waking somebody up.
        """,
        [.choice("team", "Only this team.", ShopService.teams), .service]
    ) { context in
        let service = try context.service()
        let team = context.text("team")
        return try context.table(
            [
                ResultColumn("team", "Team"), ResultColumn("person", "On call"), ResultColumn("email", "E-mail"),
                ResultColumn("services", "Services"),
            ],
            """
            SELECT o.team, o.person, o.email,
                (SELECT group_concat(name, ', ') FROM services s WHERE s.team = o.team) AS services
            FROM on_call o WHERE o.starts_at <= :now AND o.ends_at > :now AND (:team IS NULL OR o.team = :team)
                AND (:service IS NULL OR o.team = (SELECT team FROM services WHERE name = :service))
            ORDER BY o.team
            """, ["now": context.now, "team": team, "service": service]
        ).answer(
            "On call now:", empty: "Nobody is on call for that team; list_services shows the teams.",
            narrow: "name a team or a service")
    }
}
