import Bridge

/// `get_active_users`.
enum ActiveUsersReport {
    static let report = AnalyticsReport(
        "get_active_users", "Most active users",
        """
        most active users: who uses the bot or asks most, with role, number of queries, errors, average duration, \
        cost and last activity. Top users by number of questions, usage by person, who is active.
        """,
        [.period, .text("role", "Only what was asked with this role, such as dba."), .limit(20)],
        shape: ReportShape(
            totals: totals, rows: rows,
            extras: [("role", ["type": "string", "description": "The filter."])]),
        build: build)

    private static let totals =
        [
            ReportColumn("users", "Users", .count, "The number of users who asked"),
            ReportColumn("questions", "Questions", .count, "The number of questions"),
            ReportColumn("errors", "Errors", .count, "Questions with the status error"),
            ReportColumn("error_percent", "Error rate", .percent, optional: true, "errors in percent of questions"),
            ReportColumn("cost", "Cost", .usd, "The cost"),
        ] + LatencyFigures.columns(of: "the questions")

    private static let rows = [
        ReportColumn("user", "User", .text, "The e-mail"),
        ReportColumn("role", "Role", .text, "The role of the user's last question"),
        ReportColumn("questions", "Questions", .count, "The number of questions"),
        ReportColumn("errors", "Errors", .count, "Questions with the status error"),
        ReportColumn("error_percent", "Error rate", .percent, optional: true, "errors in percent of questions"),
        ReportColumn("avg_ms", "Average", .milliseconds, optional: true, "The mean duration"),
        ReportColumn("cost", "Cost", .usd, "The cost"),
        ReportColumn("last_activity", "Last activity", .time, optional: true, "When the last question ended, UTC"),
        ReportColumn("previous_questions", "Before", .count, optional: true, "Questions of the period before"),
        ReportColumn("change", "Change", .change, optional: true, "The change against previous_questions"),
    ]

    /// The figures of a user over all roles.
    private struct Activity {
        var role = ""
        var figures = UsageFigures()
    }

    private static func build(_ context: ReportContext) throws -> ReportResult {
        let role = context.arguments.text("role")
        let limit = context.arguments.number("limit")
        let users = try activities(context, context.days, role)
        let before = try context.daysBefore.map { try activities(context, $0, role) }
        let ordered = users.sorted { one, other in
            let (left, right) = (one.value.figures.questions, other.value.figures.questions)
            return left == right ? one.key < other.key : left > right
        }
        let rows = ordered.prefix(limit).map { user, activity -> [JSONValue] in
            row(user, activity, before.map { $0[user]?.figures.questions ?? 0 })
        }
        let total = try context.reader.usage(selection(context.days, role))
        var parts = ReportParts(
            totals: try values(context, context.days, role, users.count),
            before: try context.daysBefore.map { try values(context, $0, role, before?.count ?? 0) },
            rows: ReportTable(title: "Most active users", columns: Self.rows, rows: rows))
        parts.notes = ReportNotes.more(users.count > limit, shown: limit) + ReportNotes.unpriced(total)
        if let role {
            parts.extras = [("role", .string(role))]
            parts.lines = [("Only the role", ReportFormat.cell(role))]
            if users.isEmpty { parts.notes.append(try Self.roles(context)) }
        }
        return try context.result(parts)
    }

    private static func row(_ user: String, _ activity: Activity, _ before: Int64?) -> [JSONValue] {
        let figures = activity.figures
        return [
            .string(user), .string(activity.role), .int(figures.questions), .int(figures.errors),
            ReportRatio.percent(figures.errors, of: figures.questions),
            ReportRatio.mean(figures.milliseconds, over: figures.questions), .int(figures.costNano),
            figures.lastAt.map { JSONValue.string(Timestamp.text($0)) } ?? .null,
            before.map { JSONValue.int($0) } ?? .null,
            before.map { ReportChange.value(figures.questions, before: $0) } ?? .null,
        ]
    }

    private static func activities(
        _ context: ReportContext, _ days: ClosedRange<String>, _ role: String?
    ) throws -> [String: Activity] {
        var users: [String: Activity] = [:]
        let selection = RollupSelection(.user, days, detail: role)
        for sum in try context.reader.usage(selection, by: [.name, .detail]) {
            var activity = users[sum.group.name] ?? Activity()
            let isNewer = (activity.figures.lastAt ?? .distantPast) <= (sum.figures.lastAt ?? .distantPast)
            if isNewer { activity.role = sum.group.detail }
            activity.figures += sum.figures
            users[sum.group.name] = activity
        }
        return users
    }

    private static func selection(_ days: ClosedRange<String>, _ role: String?) -> RollupSelection {
        role.map { RollupSelection(.role, days, name: $0) } ?? RollupSelection(.total, days)
    }

    private static func values(
        _ context: ReportContext, _ days: ClosedRange<String>, _ role: String?, _ users: Int
    ) throws -> [JSONValue] {
        let figures = try context.reader.usage(selection(days, role))
        let histogram = try context.reader.latency(selection(days, role))
        return [
            .int(Int64(users)), .int(figures.questions), .int(figures.errors),
            ReportRatio.percent(figures.errors, of: figures.questions), .int(figures.costNano),
        ] + LatencyFigures.values(sum: figures.milliseconds, count: figures.questions, histogram)
    }

    private static func roles(_ context: ReportContext) throws -> String {
        let roles = try context.reader.usage(RollupSelection(.role, context.days), by: [.name]).map(\.group.name)
        let names = roles.sorted().prefix(20).map { ReportFormat.cell($0) }.joined(separator: ", ")
        return "Nothing was asked with this role. Roles with questions: \(names.isEmpty ? "none" : names)."
    }
}
