import CPostgres

/// One answer of the server; owns the `PGresult`, which must be given back with `PQclear`.
struct PostgresResult: ~Copyable {
    /// Nil when libpq could not make one: out of memory, or nothing could be sent.
    private let pointer: OpaquePointer?

    init(_ pointer: OpaquePointer?) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var succeeded: Bool {
        let status = PQresultStatus(pointer)
        return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY
    }

    /// `INSERT 0 1`, `COMMIT`; also `ROLLBACK` where COMMIT met a transaction that had failed.
    var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

    /// Rows that INSERT, UPDATE, DELETE or MERGE touched; 0 for commands that touch none.
    var changedRows: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    var state: SQLState? { field(CPG_DIAG_SQLSTATE).map(SQLState.init(rawValue:)) }

    var message: String? { field(CPG_DIAG_MESSAGE_PRIMARY) }

    private func field(_ code: Int) -> String? {
        PQresultErrorField(pointer, Int32(code)).map { String(cString: $0) }
    }

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
