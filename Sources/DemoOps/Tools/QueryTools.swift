import Bridge
import GRDB

/// Tools about the statements that databases run.
enum QueryTools {
    static let all = [top, slow, explain]

    static let top = DemoTool(
        "get_top_queries", "Top queries",
        """
        Ranks the SQL queries of the databases over the last hour: the slowest, the most costly or the most frequent, \
        with calls, mean and longest time, and the mean of yesterday for comparison. Use it first when a database or a \
        service is slow. explain_query then shows the plan of one.
        """,
        [
            .limit(10, most: 50),
            .choice(
                "order", "What to rank by: the mean time of a call, the total time of all, or the number of calls.",
                ["mean_time", "total_time", "calls"], default: "mean_time"),
            .database, .service,
        ]
    ) { context in
        let order = context.text("order") ?? "mean_time"
        let column = ["total_time": "calls * mean_ms", "calls": "calls"][order] ?? "mean_ms"
        let table = try context.table(
            [
                ResultColumn("id", "Id"), ResultColumn("service", "Service"),
                ResultColumn("mean_ms", "Mean", .milliseconds),
                ResultColumn("yesterday_ms", "Yesterday", .milliseconds),
                ResultColumn("max_ms", "Longest", .milliseconds),
                ResultColumn("calls", "Calls", .count), ResultColumn("database", "Database"),
                ResultColumn("sql", "Query", .code),
            ],
            """
            SELECT id, service, mean_ms, yesterday_ms, max_ms, calls, database, sql, count(*) OVER () AS total FROM queries
            WHERE (:database IS NULL OR database = :database) AND (:service IS NULL OR service = :service)
            ORDER BY \(column) DESC, id LIMIT :limit
            """,
            [
                "database": try context.database(), "service": try context.service(),
                "limit": context.number("limit", default: 10, 1...50),
            ])
        return table.answer(
            "Top \(ValueFormat.count(table.rows.count, "query", "queries")) of the last hour by "
                + "\(order.replacing("_", with: " ")):", empty: "No query was run by that service there.",
            narrow: "raise limit, or narrow with database or service")
    }

    static let slow = DemoTool(
        "get_slow_queries", "Slow runs, one by one",
        """
        Lists single runs of SQL statements that took longer than a threshold, from the slow query log, the newest first, \
        with time, duration, rows read and the host that asked. Use it to see when slowness began; for a ranking use \
        get_top_queries. Looks back 60 minutes unless told otherwise.
        """,
        [
            .number("minutes", "How many minutes to look back.", default: 60, 1...1440),
            .number("threshold_ms", "Only runs that took at least so many milliseconds.", default: 500, 100...600_000),
            .service, .limit(20),
        ]
    ) { context in
        let minutes = context.number("minutes", default: 60, 1...1440)
        let least = context.number("threshold_ms", default: 500, 100...600_000)
        let table = try context.table(
            [
                ResultColumn("at", "When", .time), ResultColumn("id", "Query"),
                ResultColumn("ms", "Took", .milliseconds),
                ResultColumn("rows_read", "Rows read", .count), ResultColumn("host", "Host"),
                ResultColumn("table_name", "Table"),
            ],
            """
            SELECT r.at, q.id, r.ms, r.rows_read, r.host, q.table_name, count(*) OVER () AS total
            FROM slow_runs r JOIN queries q ON q.id = r.query
            WHERE r.at >= :since AND r.ms >= :least AND (:service IS NULL OR q.service = :service)
            ORDER BY r.at DESC, r.ms DESC LIMIT :limit
            """,
            [
                "since": context.now - minutes * 60, "least": least, "service": try context.service(),
                "limit": context.number("limit", default: 20, 1...100),
            ])
        let what =
            "of at least \(ValueFormat.grouped(least)) ms in the last \(ValueFormat.count(minutes, "minute", "minutes"))"
        return table.answer(
            "\(ValueFormat.count(table.total, "run", "runs")) \(what):", empty: "There was no run \(what).",
            narrow: "narrow with minutes, threshold_ms or service, or raise limit")
    }

    static let explain = DemoTool(
        "explain_query", "Plan of a query",
        """
        Explains one SQL query: its text, execution plan with timings, the index that serves it or the sequential scan, \
        and the indexes of its table with their last use. Says when a query became slower than yesterday. \
        Needs the query's id from get_top_queries.
        """, [Parameter.text("query", "The id of the query, for example Q-01.").required]
    ) { context in
        let id = try context.known(
            "query", try context.required("query"), in: "SELECT id FROM queries ORDER BY id",
            listedBy: "get_top_queries")
        guard let row = try context.row("SELECT * FROM queries WHERE id = :id", ["id": id]) else {
            throw CallProblem("There is no query \(id).")
        }
        let (sql, plan, name): (String, String, String) = (row["sql"], row["plan"], row["table_name"])
        let (mean, yesterday): (Double, Double) = (row["mean_ms"], row["yesterday_ms"])
        let (service, index): (String, String?) = (row["service"], row["index_name"])
        let indexes = try DatabaseTools.indexTable(context, table: name)
        var text = """
            \(id), run by \(service):

            ```
            \(sql)
            ```

            Plan:

            ```
            \(plan)
            ```

            Mean \(ValueFormat.milliseconds(mean)); yesterday \(ValueFormat.milliseconds(yesterday)).
            """
        if mean > 3 * yesterday {
            let times = ValueFormat.grouped(Int((mean / yesterday).rounded()))
            text += " **\(times) times slower than yesterday.**"
        }
        if index == nil {
            text += " No index serves it: every run reads the whole of `\(name)`."
        }
        text += "\n\nIndexes of `\(name)`:\n\n\(indexes.markdown)"
        return ToolAnswer(
            text,
            [
                "id": .string(id), "sql": .string(sql), "plan": .string(plan), "mean_ms": .double(mean),
                "yesterday_ms": .double(yesterday), "index": index.map(JSONValue.string) ?? .null,
                "indexes": indexes.data,
            ])
    }
}
