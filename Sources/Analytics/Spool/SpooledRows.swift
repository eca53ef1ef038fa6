import Bridge
import Foundation

/// All rows of one question in a spool, in a form that another database can take.
struct SpooledRows: Sendable {
    /// Columns and values in the order of the table's column list.
    typealias Row = [(String, ColumnValue)]

    let id: ULID
    let question: [String: ColumnValue]
    let steps: [Row]
    let posts: [Row]
    let audit: AuditRow?
    let calls: [ToolCallRow]
    let isBorrowed: Bool

    let originKey: String?
    let owner: String?
    let epoch: Int64
    let attempts: Int64
    let state: QuestionState
    let isUndelivered: Bool
    let finishedAt: Date?

    /// All columns of `questions` except the lease, which ends with the process that holds it.
    static let questionColumns: [(String, ColumnType)] =
        QuestionRows.columns + [("error_code", .text)]

    static let stepColumns: [(String, ColumnType)] = [
        ("epoch", .integer), ("kind", .text), ("call_id", .text), ("payload", .text), ("created_at", .time),
    ]

    static let postColumns: [(String, ColumnType)] = [
        ("part", .integer), ("key", .text), ("kind", .text), ("state", .text), ("channel", .text),
        ("thread_ts", .text), ("ts", .text), ("body", .json), ("epoch", .integer), ("attempts", .integer),
        ("error", .text), ("created_at", .time), ("sent_at", .time),
    ]

    /// Reads a question from a spool; nil if it has no such question.
    init?(_ id: ULID, on connection: any SQLConnection) throws {
        func rows(_ table: String, _ columns: [(String, ColumnType)], _ rest: String) throws -> [SQLRow] {
            let selection = columns.map { connection.dialect.selected($0.0, $0.1) }.joined(separator: ", ")
            return try connection.query("SELECT \(selection) FROM \(table) WHERE \(rest)", [.text(id.text)])
        }
        guard let row = try rows("questions", Self.questionColumns, "id = $1").first,
            let state = row.text("state").flatMap(QuestionState.init(rawValue:))
        else { return nil }
        self.id = id
        self.state = state
        question = Dictionary(
            Self.fields(of: row, Self.questionColumns), uniquingKeysWith: { first, _ in first })
        originKey = row.text("origin_key")
        owner = row.text("owner")
        epoch = row.int("epoch") ?? 0
        attempts = row.int("attempts") ?? 0
        isUndelivered = row.bool("undelivered") ?? false
        finishedAt = row.time("finished_at")
        steps = try rows("question_steps", Self.stepColumns, "question_id = $1 ORDER BY id")
            .map { Self.fields(of: $0, Self.stepColumns) }
        posts = try rows("posts", Self.postColumns, "question_id = $1 ORDER BY part")
            .map { Self.fields(of: $0, Self.postColumns) }
        audit = try connection.query(
            "SELECT id, \(AuditRow.selection(connection.dialect)) FROM audit_logs WHERE question_id = $1",
            [.text(id.text)]
        ).first.flatMap { AuditRow($0) }
        calls = try Store.toolCalls(of: id, on: connection)
        isBorrowed = try !connection.query("SELECT 1 FROM borrowed WHERE question_id = $1", [.text(id.text)]).isEmpty
    }

    /// Deletes the question from a spool.
    static func remove(_ id: ULID, on connection: any SQLConnection) throws {
        // Steps and posts are deleted by the foreign key (ON DELETE CASCADE).
        for table in ["audit_logs", "tool_calls", "borrowed"] {
            try connection.execute("DELETE FROM \(table) WHERE question_id = $1", [.text(id.text)])
        }
        try connection.execute("DELETE FROM questions WHERE id = $1", [.text(id.text)])
    }

    private static func fields(of row: SQLRow, _ columns: [(String, ColumnType)]) -> Row {
        columns.map { name, type in
            let field: ColumnValue =
                switch type {
                case .text, .address: .text(row.text(name))
                case .integer: .int(row.int(name))
                case .boolean: .bool(row.bool(name))
                case .time: .time(row.time(name))
                case .json: .json(row.json(name))
                case .strings: .strings(row.strings(name))
                case .bytes: .bytes(row.bytes(name))
                }
            return (name, field)
        }
    }
}
