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
    static let tooManyConnections = SQLState(rawValue: "53300")
    static let lockNotAvailable = SQLState(rawValue: "55P03")
    static let queryCanceled = SQLState(rawValue: "57014")
    static let adminShutdown = SQLState(rawValue: "57P01")
    static let crashShutdown = SQLState(rawValue: "57P02")
    static let cannotConnectNow = SQLState(rawValue: "57P03")
    static let idleSessionTimeout = SQLState(rawValue: "57P05")

    /// The first two characters.
    var conditionClass: String { String(rawValue.prefix(2)) }

    /// The same transaction may succeed when it runs again.
    var asksForNewTry: Bool { self == .serializationFailure || self == .deadlockDetected }
}

/// What libpq said when something failed, before it is put into the store's words.
struct PostgresFailure {
    let state: SQLState?
    let message: String

    /// - Parameters:
    ///   - lost: the connection is gone.
    ///   - cancelled: we asked the server to stop.
    func error(lost: Bool, cancelled: Bool) -> StoreError {
        if cancelled, lost || state == .queryCanceled {
            return StoreError(.cancelled, "the statement was cancelled", sqlState: state?.rawValue)
        }
        let said = state.map { "\(sentence) (\($0.rawValue))" } ?? sentence
        return StoreError(lost ? .unavailable : code, "PostgreSQL: \(said)", sqlState: state?.rawValue)
    }

    private var code: StoreError.Code {
        switch state {
        case .serializationFailure, .deadlockDetected, .lockNotAvailable: return .busy
        case .queryCanceled: return .timeout
        case .adminShutdown, .crashShutdown, .cannotConnectNow, .tooManyConnections, .idleSessionTimeout:
            return .unavailable
        default: break
        }
        switch state?.conditionClass {
        case "08": return .unavailable
        case "23": return .constraint
        case "XX" where state?.rawValue != "XX000": return .corrupt
        default: return .other
        }
    }

    /// The server's sentence, except where it would repeat a value: data exceptions (class 22) quote their input.
    /// The detail line, which quotes keys of rows, is never read.
    private var sentence: String {
        state?.conditionClass == "22" ? "a value does not fit its type or range" : message
    }
}
