import Bridge
import GRDB

/// Looking at services: who they are, how they do, who answers for them.
enum ServiceTools {
    static let all = [services, health, errorRate, onCall]

    static let services = Tool(
        "list_services", "Services",
        """
        Lists the services of the shop with team, tier, language, running version and uptime. Use it to find out what \
        exists and who owns it. Tier 1 services are those without which customers cannot buy.
        """,
        [.choice("team", "Only the services of this team.", ShopService.teams)]
    ) { look in
        let team = look.text("team")
        return try look.table(
            [
                Column("service", "Service"), Column("purpose", "Purpose"), Column("team", "Team"),
                Column("tier", "Tier"), Column("language", "Language"), Column("version", "Version"),
                Column("started_at", "Up for", .age),
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

    static let health = Tool(
        "get_service_health", "Health of services",
        """
        Tells how services do right now: latency (p50, p95) and error rate of the last half hour against the same time \
        yesterday, hosts, and open incidents. Without a service it compares all of them, the worst first. \
        Use it for questions such as "is checkout slow?" or "which services are unhealthy?".
        """, [.service]
    ) { look in
        let service = try look.service()
        let table = try look.table(
            [
                Column("service", "Service"), Column("p50_ms", "p50", .milliseconds),
                Column("p95_ms", "p95", .milliseconds), Column("p95_yesterday_ms", "p95 yesterday", .milliseconds),
                Column("error_percent", "Errors", .percent), Column("cpu_percent", "CPU", .percent),
                Column("memory_percent", "Memory", .percent), Column("incidents", "Open incidents"),
            ],
            """
            SELECT n.service, n.p50_ms, n.p95_ms, y.p95_ms AS p95_yesterday_ms,
                100.0 * n.errors / max(1, n.requests) AS error_percent,
                (SELECT avg(cpu_percent) FROM hosts h WHERE h.service = n.service) AS cpu_percent,
                (SELECT avg(memory_percent) FROM hosts h WHERE h.service = n.service) AS memory_percent,
                (SELECT group_concat(id, ', ') FROM incidents i WHERE i.service = n.service AND i.status <> 'resolved')
                    AS incidents
            FROM metrics n JOIN metrics y ON y.service = n.service AND y.at = n.at - 86400
            WHERE n.at = (SELECT max(at) FROM metrics) AND (:service IS NULL OR n.service = :service)
            ORDER BY n.p95_ms / y.p95_ms DESC, n.service
            """, ["service": service])
        return table.answer(
            "\(service.map { "Health of \($0)" } ?? "Health of all services, the worst first"), last 30 minutes:",
            empty: "There are no measurements.", narrow: "name a service")
    }

    static let errorRate = Tool(
        "get_error_rate", "Error rate over time",
        """
        Shows requests, failed requests and error rate of one service in steps of half an hour, the newest first. \
        Use it to see when a problem began or ended. For a comparison of all services use get_service_health.
        """,
        [
            .choice("service", "The service.", ShopService.names).required,
            .number("hours", "How many hours to look back.", default: 6, 1...72),
        ]
    ) { look in
        let service = try look.requiredService()
        let hours = look.number("hours", default: 6, 1...72)
        return try look.table(
            [
                Column("at", "From", .time), Column("requests", "Requests", .count), Column("errors", "Failed", .count),
                Column("error_percent", "Error rate", .percent), Column("p95_ms", "p95", .milliseconds),
            ],
            """
            SELECT at, requests, errors, 100.0 * errors / max(1, requests) AS error_percent, p95_ms
            FROM metrics WHERE service = :service AND at >= :since ORDER BY at DESC
            """, ["service": service, "since": look.now - hours * 3600]
        ).answer(
            "Error rate of \(service), last \(Wording.count(hours, "hour", "hours")):",
            empty: "There are no measurements of \(service).", narrow: "ask for fewer hours")
    }

    static let onCall = Tool(
        "get_on_call", "Who is on call",
        """
        Tells who is on call now for a team or for the team that owns a service, with e-mail address and end of the \
        shift. Without arguments it shows every team. Use it before waking somebody up.
        """,
        [.choice("team", "Only this team.", ShopService.teams), .service]
    ) { look in
        let service = try look.service()
        let team = look.text("team")
        return try look.table(
            [
                Column("team", "Team"), Column("person", "On call"), Column("email", "E-mail"),
                Column("services", "Services"),
            ],
            """
            SELECT o.team, o.person, o.email,
                (SELECT group_concat(name, ', ') FROM services s WHERE s.team = o.team) AS services
            FROM on_call o WHERE o.starts_at <= :now AND o.ends_at > :now AND (:team IS NULL OR o.team = :team)
                AND (:service IS NULL OR o.team = (SELECT team FROM services WHERE name = :service))
            ORDER BY o.team
            """, ["now": look.now, "team": team, "service": service]
        ).answer(
            "On call now:", empty: "Nobody is on call for that team; list_services shows the teams.",
            narrow: "name a team or a service")
    }
}
