import Bridge
import Crypto
import Foundation

/// Copies one question from a spool into another database in one transaction: its row, steps and posts, and if it has
/// ended its audit row, tool calls and roll-ups. Safe to repeat, also if the process exited between this and the
/// removal from the spool.
///
/// Another process may have processed the same question meanwhile. If it was begun in both databases, it was answered
/// twice: the spool's version is then stored as a question of its own, with the warning `doubled` in its audit row. If
/// it has not ended, it is stopped.
struct SpoolImport: Sendable {
    let rows: SpooledRows
    /// The days of the target's roll-ups.
    var calendar = ReportingCalendar()

    /// The question's row in the target.
    private struct Found {
        let owner: String?
        let epoch: Int64
        let state: QuestionState?

        init(_ row: SQLRow) {
            owner = row.text("owner")
            epoch = row.int("epoch") ?? 0
            state = row.text("state").flatMap(QuestionState.init(rawValue:))
        }
    }

    /// Copies the question. The transaction is the caller's. False if it was not begun and the target has another one
    /// with its origin key, which counts.
    @discardableResult
    func run(on connection: any SQLConnection) throws -> Bool {
        let lock = connection.dialect == .postgres ? "FOR UPDATE" : ""
        let sql = "SELECT owner, epoch, state FROM questions WHERE id = $1 \(lock)"
        guard let row = try connection.query(sql, [.text(rows.id.text)]).first else {
            return try arrive(on: connection)
        }
        let found = Found(row)
        // A released question, or one that was never begun, has no owner. The target's epoch is higher only if another
        // claim was made there.
        let isOurs = (found.owner == nil || found.owner == rows.owner || isReleased(found)) && found.epoch <= rows.epoch
        switch (isOurs, found.state?.isTerminal ?? false) {
        case (true, false):
            // An answer that came to the target counts; the spool's question waits still.
            let isWoken = found.state == .received && found.epoch == rows.epoch && rows.state == .waiting
            try isWoken ? settle(on: connection) : takeOver(on: connection)
        case (true, true):
            // It ended in the target; only the spool knows which messages were sent since.
            if rows.state.isTerminal { try settle(on: connection) }
        case (false, _):
            if rows.state.isTerminal { try double(on: connection) }
        }
        return true
    }

    /// The claim that the spool's question was copied with is still the target's last one, and was released since.
    private func isReleased(_ found: Found) -> Bool {
        rows.isBorrowed && rows.owner == nil && found.epoch == rows.epoch
    }

    /// The target has no row with this id, but may have one with the same origin key.
    private func arrive(on connection: any SQLConnection) throws -> Bool {
        if try insert(rows.id, key: rows.originKey, on: connection) {
            try bring(rows.id, doubled: false, on: connection)
            return true
        }
        // Not begun here: the target's question with the same key counts.
        guard rows.attempts > 0 || rows.state.isTerminal else { return false }
        guard try insert(rows.id, key: nil, on: connection) else { return true }
        try bring(rows.id, doubled: true, on: connection)
        if !rows.state.isTerminal { try stop(on: connection) }
        return true
    }

    /// It was begun in the spool and has not ended: its next claim ends it and removes what was shown of it.
    private func stop(on connection: any SQLConnection) throws {
        let email = if case .text(let email?) = rows.question["asker_email"] { email } else { "" }
        var statement = SQLStatement(connection.dialect)
        let request = statement.bind(.json(StopRequest(.doubled, by: "", email: email).json))
        let sql = """
            UPDATE questions SET stop = coalesce(stop, \(request)), wait_until = NULL, waiting_for = NULL,
                state = '\(QuestionState.received.rawValue)', owner = NULL
            WHERE id = \(statement.bind(.text(rows.id.text)))
            """
        try connection.execute(sql, statement.values)
    }

    private func takeOver(on connection: any SQLConnection) throws {
        let fixed: Set = ["id", "origin_key", "received_at", "asked_at"]
        var statement = SQLStatement(connection.dialect)
        let changes = SpooledRows.questionColumns.map(\.0).filter { !fixed.contains($0) }.compactMap { name in
            field(name).map { value in
                let new = statement.bind(value)
                // A stop that came to the target counts.
                return name == "stop" ? "stop = coalesce(stop, \(new))" : "\(name) = \(new)"
            }
        }
        let sql = """
            UPDATE questions SET \(changes.joined(separator: ", ")), lease_until = NULL
            WHERE id = \(statement.bind(.text(rows.id.text)))
            """
        try connection.execute(sql, statement.values)
        try bring(rows.id, doubled: false, on: connection)
    }

    private func settle(on connection: any SQLConnection) throws {
        var statement = SQLStatement(connection.dialect)
        let sql = """
            UPDATE questions SET undelivered = \(statement.bind(.bool(rows.isUndelivered))), lease_until = NULL,
                owner = \(statement.bind(owner)), epoch = \(statement.bind(.int(rows.epoch)))
            WHERE id = \(statement.bind(.text(rows.id.text)))
            """
        try connection.execute(sql, statement.values)
        try bringPosts(rows.id, on: connection)
    }

    /// It has ended in the spool and is owned by another process in the target: stores it as a question of its own.
    private func double(on connection: any SQLConnection) throws {
        let id = Self.double(of: rows.id, epoch: rows.epoch)
        guard try insert(id, key: nil, on: connection) else { return }
        try bring(id, doubled: true, on: connection)
    }

    /// A deterministic id for a question and epoch, so that a repeated import writes one row. The time part is that of
    /// `id`.
    static func double(of id: ULID, epoch: Int64) -> ULID {
        let digest = SHA256.hash(data: Data("\(id)/\(epoch)".utf8))
        var random = digest.makeIterator()
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        let tail = (0..<16).map { _ in alphabet[Int(random.next() ?? 0) & 31] }
        return ULID(String(id.text.prefix(10)) + String(tail)) ?? id
    }

    /// False if the target has a row with that id or key.
    private func insert(_ id: ULID, key: String?, on connection: any SQLConnection) throws -> Bool {
        let fields = SpooledRows.questionColumns.compactMap { name, _ -> (String, ColumnValue)? in
            switch name {
            case "id": (name, .text(id.text))
            case "origin_key": (name, .text(key))
            case "retry_of" where id != rows.id: (name, .text(rows.id.text))
            default: field(name).map { (name, $0) }
            }
        }
        return try SQLStatement.insert(into: "questions", fields, "ON CONFLICT DO NOTHING", on: connection) == 1
    }

    /// The row's value of a column.
    private func field(_ name: String) -> ColumnValue? { name == "owner" ? owner : rows.question[name] }

    /// The last owner is copied, so that a repeated import recognises the row as its own.
    private var owner: ColumnValue { .text(rows.owner) }

    private func bring(_ id: ULID, doubled: Bool, on connection: any SQLConnection) throws {
        for step in try newSteps(id, on: connection) {
            try SQLStatement.insert(
                into: "question_steps", [("question_id", .text(id.text))] + step, on: connection)
        }
        try bringPosts(id, on: connection)
        guard var audit = rows.audit else { return }
        let isThere = "SELECT 1 FROM audit_logs WHERE question_id = $1"
        guard try connection.query(isThere, [.text(id.text)]).isEmpty else { return }
        audit.questionID = id.text
        if doubled {
            audit.warning = "doubled"
            audit.retryOf = audit.retryOf ?? (id == rows.id ? nil : rows.id.text)
            if audit.status == .success { audit.status = .warning }
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE questions SET warning = \(statement.bind(.text("doubled")))
                WHERE id = \(statement.bind(.text(id.text)))
                """
            try connection.execute(sql, statement.values)
        }
        try Store.insert(audit, calls: rows.calls.map { $0.moved(to: id) }, calendar, on: connection)
    }

    /// The steps that the target does not have. The target's last steps may be the spool's first ones: the effect of a
    /// write that timed out is unknown, and an import may be repeated.
    private func newSteps(_ id: ULID, on connection: any SQLConnection) throws -> [SpooledRows.Row] {
        func key(_ row: SQLRow) -> [SQLValue] { [row["epoch"], row["kind"], row["call_id"], row["payload"]] }
        func key(_ step: SpooledRows.Row) -> [SQLValue] { step.prefix(4).map(\.1.value) }
        let sql = "SELECT epoch, kind, call_id, payload FROM question_steps WHERE question_id = $1 ORDER BY id"
        let there = try connection.query(sql, [.text(id.text)]).map { key($0) }
        let here = rows.steps.map { key($0) }
        let longest = min(there.count, here.count)
        let overlap = stride(from: longest, through: 0, by: -1).first {
            there.suffix($0).elementsEqual(here.prefix($0))
        }
        return Array(rows.steps.dropFirst(overlap ?? 0))
    }

    private func bringPosts(_ id: ULID, on connection: any SQLConnection) throws {
        // The spool has all posts of a question: those of a borrowed one were copied with it.
        try connection.execute("DELETE FROM posts WHERE question_id = $1", [.text(id.text)])
        for post in rows.posts {
            let fields = post.map { name, field in
                guard name == "key", id != rows.id, case .int(let part?) = post.first?.1 else { return (name, field) }
                return (name, ColumnValue.text("\(id)-\(part)"))
            }
            try SQLStatement.insert(into: "posts", [("question_id", .text(id.text))] + fields, on: connection)
        }
    }
}
