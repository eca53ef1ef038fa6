import CPostgres

/// One result of the server; owns the `PGresult` and frees it with `PQclear`.
struct PostgresResult: ~Copyable {
    /// nil if libpq could not create one: out of memory, or nothing could be sent.
    private let pointer: OpaquePointer?

    init(_ pointer: OpaquePointer?) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    /// True for a completed command, rows, or an empty query.
    var succeeded: Bool {
        let status = PQresultStatus(pointer)
        return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY
    }

    /// The command tag: `INSERT 0 1`, `COMMIT`; `ROLLBACK` if COMMIT ended a failed transaction.
    var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

    /// Rows affected by INSERT, UPDATE, DELETE or MERGE; 0 for commands without a count.
    var changedRows: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// The error's SQLSTATE; nil if there is none.
    var state: SQLState? { field(CPG_DIAG_SQLSTATE).map(SQLState.init(rawValue:)) }

    /// The error's primary message, without detail and hint.
    var message: String? { field(CPG_DIAG_MESSAGE_PRIMARY) }

    private func field(_ code: Int) -> String? {
        PQresultErrorField(pointer, Int32(code)).map { String(cString: $0) }
    }

    /// Decodes all rows.
    func rows() -> [SQLRow] {
        guard PQntuples(pointer) > 0 else { return [] }
        let width = PQnfields(pointer)
        let decoders = (0..<width).map { PostgresType(oid: PQftype(pointer, $0)) }
        let columns = SQLColumns((0..<width).map { PQfname(pointer, $0).map { String(cString: $0) } ?? "" })
        return (0..<PQntuples(pointer)).map { row in
            let values = (0..<width).map { column -> SQLValue in
                guard PQgetisnull(pointer, row, column) == 0, let start = PQgetvalue(pointer, row, column) else {
                    return .null
                }
                let length = Int(PQgetlength(pointer, row, column))
                return start.withMemoryRebound(to: UInt8.self, capacity: length) {
                    decoders[Int(column)].decode(UnsafeBufferPointer(start: $0, count: length))
                }
            }
            return SQLRow(columns: columns, values: values)
        }
    }
}
