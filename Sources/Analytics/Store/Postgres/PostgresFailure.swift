import CPostgres

/// PostgreSQL's five-character SQLSTATE codes, Appendix A of its manual:
/// https://www.postgresql.org/docs/15/errcodes-appendix.html
struct SQLState: RawRepresentable, Hashable, Sendable {
    let rawValue: String

    /// Also the code of "cached plan must not change result type".
    static let featureNotSupported = SQLState(rawValue: "0A000")
    static let undefinedStatement = SQLState(rawValue: "26000")
    static let serializationFailure = SQLState(rawValue: "40001")
    static let deadlockDetected = SQLState(rawValue: "40P01")
    static let queryCanceled = SQLState(rawValue: "57014")
    static let readOnlyTransaction = SQLState(rawValue: "25006")

    /// The class: the first two characters.
    var conditionClass: String { String(rawValue.prefix(2)) }

    /// The same transaction may succeed when repeated.
    var asksForNewTry: Bool { self == .serializationFailure || self == .deadlockDetected }

    /// The store's error code. `.unavailable`, `.busy` and `.timeout` make the store count as unavailable: the cause is
    /// not the statement, which may succeed later or on another server.
    var meaning: StoreError.Code {
        switch rawValue {
        // read_only_sql_transaction: a standby, or a server that was set read-only, for example because its disk is
        // full.
        case "25006": return .unavailable
        // idle_in_transaction_session_timeout: this process was suspended inside a transaction.
        case "25P03": return .unavailable
        // configuration_limit_exceeded: one statement exceeded a limit such as `temp_file_limit`; others may succeed.
        case "53400": return .other
        // serialization_failure, deadlock_detected, lock_not_available.
        case "40001", "40P01", "55P03": return .busy
        case "57014": return .timeout
        // internal_error of one statement; the rest of class XX is corrupted data.
        case "XX000": return .other
        default: break
        }
        switch conditionClass {
        // Connection exceptions, insufficient resources (disk, memory, connections), system errors (input and output).
        case "08", "53", "58": return .unavailable
        // The server is shutting down or starting, has ended the session, or its database was dropped.
        case "57" where rawValue.hasPrefix("57P"): return .unavailable
        case "23": return .constraint
        case "XX": return .corrupt
        default: return .other
        }
    }
}

/// A failure as libpq reports it, before it is mapped to ``StoreError``.
struct PostgresFailure {
    let state: SQLState?
    let message: String

    /// Maps the failure.
    ///
    /// - Parameters:
    ///   - lost: the connection is lost.
    ///   - cancelled: this process asked the server to cancel the statement.
    ///   - reading: the transaction is read-only because this process opened it so.
    func error(lost: Bool, cancelled: Bool, reading: Bool = false) -> StoreError {
        if cancelled, lost || state == .queryCanceled {
            return StoreError(.cancelled, "the statement was cancelled", sqlState: state?.rawValue)
        }
        let said = state.map { "\(sentence) (\($0.rawValue))" } ?? sentence
        return StoreError(lost ? .unavailable : code(reading), "PostgreSQL: \(said)", sqlState: state?.rawValue)
    }

    private func code(_ reading: Bool) -> StoreError.Code {
        guard let state else { return .other }
        return reading && state == .readOnlyTransaction ? .other : state.meaning
    }

    /// The server's message, except where it would contain a value: data exceptions (class 22) quote their input. The
    /// detail line, which quotes keys of rows, is not read.
    private var sentence: String {
        state?.conditionClass == "22" ? "a value does not fit its type or range" : message
    }
}
