import CPostgres

/// PostgreSQL's five-character condition codes, Appendix A of its manual:
/// https://www.postgresql.org/docs/15/errcodes-appendix.html
struct SQLState: RawRepresentable, Hashable, Sendable {
    let rawValue: String

    /// Also "cached plan must not change result type", which has no code of its own.
    static let featureNotSupported = SQLState(rawValue: "0A000")
    static let undefinedStatement = SQLState(rawValue: "26000")
    static let serializationFailure = SQLState(rawValue: "40001")
    static let deadlockDetected = SQLState(rawValue: "40P01")
    static let queryCanceled = SQLState(rawValue: "57014")
    static let readOnlyTransaction = SQLState(rawValue: "25006")

    /// The first two characters.
    var conditionClass: String { String(rawValue.prefix(2)) }

    /// The same transaction may succeed when it runs again.
    var asksForNewTry: Bool { self == .serializationFailure || self == .deadlockDetected }

    /// What an error of the server means to the store. `.unavailable` and `.busy` make it count as away: the fault is not
    /// in the statement, and the same may succeed later or on another server.
    var meaning: StoreError.Code {
        switch rawValue {
        // A standby, or a server that an administrator or its host has stopped from writing, as on a full disk.
        case "25006": return .unavailable
        // The process stood still in the middle of a transaction, and the server has ended the session.
        case "25P03": return .unavailable
        // One statement asked for more than it may have (`temp_file_limit`): another may be served.
        case "53400": return .other
        // Serialisation, a deadlock, a lock that is not to be had.
        case "40001", "40P01", "55P03": return .busy
        case "57014": return .timeout
        // An internal error of one statement; the rest of its class is damaged data.
        case "XX000": return .other
        default: break
        }
        switch conditionClass {
        // The connection; no disk, memory or connections left; what the operating system refuses, as reading a disk.
        case "08", "53", "58": return .unavailable
        // The server shuts down, starts, or has ended the session; its database was dropped.
        case "57" where rawValue.hasPrefix("57P"): return .unavailable
        case "23": return .constraint
        case "XX": return .corrupt
        default: return .other
        }
    }
}

/// What libpq said when something failed, before it is put into the store's words.
struct PostgresFailure {
    let state: SQLState?
    let message: String

    /// - Parameters:
    ///   - lost: the connection is gone.
    ///   - cancelled: we asked the server to stop.
    ///   - reading: the transaction is read-only because we asked for that.
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

    /// The server's sentence, except where it would repeat a value: data exceptions (class 22) quote their input.
    /// The detail line, which quotes keys of rows, is never read.
    private var sentence: String {
        state?.conditionClass == "22" ? "a value does not fit its type or range" : message
    }
}
