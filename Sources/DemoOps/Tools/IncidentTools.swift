import Bridge
import GRDB

/// Tools about incidents and logs.
enum IncidentTools {
    static let all = [incidents, incident, logs]

    static let incidents = DemoTool(
        "list_incidents", "Incidents",
        """
        Lists incidents (outages, disruptions), the newest first, with severity, status, service and who leads. \
        Shows open and past ones of 14 days unless a status is named. Use get_incident for the story of one.
        """,
        [
            .choice("status", "Only incidents in this state.", ["open", "monitoring", "resolved"]),
            .choice("severity", "Only incidents of this severity; sev1 is the worst.", ["sev1", "sev2", "sev3"]),
            .service, .limit(20),
        ]
    ) { context in
        let service = try context.service()
        let table = try context.table(
            [
                ResultColumn("id", "Id"), ResultColumn("severity", "Severity"), ResultColumn("status", "Status"),
                ResultColumn("service", "Service"), ResultColumn("title", "Title"),
                ResultColumn("opened_at", "Opened", .time),
                ResultColumn("commander", "Led by"),
            ],
            """
            SELECT id, severity, status, service, title, opened_at, commander, count(*) OVER () AS total FROM incidents
            WHERE (:status IS NULL OR status = :status) AND (:severity IS NULL OR severity = :severity)
                AND (:service IS NULL OR service = :service)
            ORDER BY opened_at DESC, id DESC LIMIT :limit
            """,
            [
                "status": context.text("status"), "severity": context.text("severity"), "service": service,
                "limit": context.number("limit", default: 20, 1...100),
            ])
        return table.answer(
            "\(ValueFormat.count(table.total, "incident", "incidents")):", empty: "There is no such incident.",
            narrow: "narrow with status, severity or service, or raise limit")
    }

    static let incident = DemoTool(
        "get_incident", "One incident",
        """
        Tells the story of one incident: summary, severity, status, times, who leads it, and all its updates. \
        Also lists the deploys of the six hours before it began, the usual suspects. Needs the incident's id.
        """, [Parameter.text("incident", "The id, for example INC-2041.").required]
    ) { context in
        let id = try context.known(
            "incident", try context.required("incident"), in: "SELECT id FROM incidents ORDER BY id DESC",
            listedBy: "list_incidents")
        guard let row = try context.row("SELECT * FROM incidents WHERE id = :id", ["id": id]) else {
            throw CallProblem("There is no incident \(id).")
        }
        let opened: Int = row["opened_at"]
        let (title, severity, status): (String, String, String) = (row["title"], row["severity"], row["status"])
        let (service, commander, summary): (String, String, String) = (row["service"], row["commander"], row["summary"])
        let resolved: Int? = row["resolved_at"]
        let end = resolved.map { ", resolved after \(ValueFormat.duration($0 - opened))" } ?? ""
        let updates = try context.table(
            [ResultColumn("at", "When", .time), ResultColumn("author", "Who"), ResultColumn("text", "Update")],
            "SELECT at, author, text FROM incident_updates WHERE incident = :id ORDER BY at", ["id": id])
        let deploys = try context.table(
            [
                ResultColumn("service", "Service"), ResultColumn("version", "Version"),
                ResultColumn("deployed_at", "When", .time),
                ResultColumn("change", "Change"),
            ],
            """
            SELECT service, version, deployed_at, change FROM deploys
            WHERE deployed_at BETWEEN :opened - 21600 AND :opened ORDER BY deployed_at DESC LIMIT 10
            """, ["opened": opened])
        var text = """
            **\(id): \(title)** (\(severity), \(status), \(service))

            Opened \(ValueFormat.time(opened)) (\(ValueFormat.duration(context.now - opened)) ago)\(end); led by \(commander). \
            \(summary)
            """
        if !updates.isEmpty { text += "\n\nUpdates:\n\n\(updates.markdown)" }
        if !deploys.isEmpty { text += "\n\nDeploys in the six hours before:\n\n\(deploys.markdown)" }
        return ToolAnswer(
            text,
            [
                "id": .string(id), "title": .string(title), "severity": .string(severity), "status": .string(status),
                "service": .string(service), "updates": updates.data, "deploys_before": deploys.data,
            ])
    }

    static let logs = DemoTool(
        "search_logs", "Search the logs",
        """
        Searches the log lines of all services, the newest first, by service, level and a text that they contain. \
        Returns the lines and how many there are by service and level. Looks back 60 minutes unless told otherwise; the \
        logs go back two days. Use it to see error messages and timeouts.
        """,
        [
            .service, .choice("level", "Only lines of this level.", ["error", "warn", "info"]),
            .text("text", "Only lines that contain this text, upper or lower case alike."),
            .number("minutes", "How many minutes to look back.", default: 60, 1...2880), .limit(20, most: 200),
        ]
    ) { context in
        let minutes = context.number("minutes", default: 60, 1...2880)
        let filter = """
            at >= :since AND (:service IS NULL OR service = :service) AND (:level IS NULL OR level = :level)
                AND (:text IS NULL OR instr(lower(message), lower(:text)) > 0)
            """
        let values: [String: (any DatabaseValueConvertible)?] = [
            "since": context.now - minutes * 60, "service": try context.service(), "level": context.text("level"),
            "text": context.text("text"),
        ]
        let lines = try context.table(
            [
                ResultColumn("at", "When", .time), ResultColumn("service", "Service"), ResultColumn("level", "Level"),
                ResultColumn("message", "Message"),
            ],
            """
            SELECT at, service, level, message, count(*) OVER () AS total FROM logs WHERE \(filter)
            ORDER BY at DESC, id DESC LIMIT :limit
            """, values.merging(["limit": context.number("limit", default: 20, 1...200)]) { $1 })
        let groups = try context.table(
            [
                ResultColumn("service", "Service"), ResultColumn("level", "Level"),
                ResultColumn("lines", "Lines", .count),
            ],
            """
            SELECT service, level, count(*) AS lines FROM logs WHERE \(filter)
            GROUP BY service, level ORDER BY lines DESC, service, level LIMIT 8
            """, values)
        let period = "in the last \(ValueFormat.count(minutes, "minute", "minutes"))"
        var answer = lines.answer(
            "\(ValueFormat.count(lines.total, "line", "lines")) \(period).\n\n\(groups.markdown)\n\nThe newest:",
            empty: "No line fits \(period); look back further with minutes, or drop a filter.",
            narrow: "narrow with service, level, text or minutes")
        answer.data["groups"] = groups.data
        return answer
    }
}
