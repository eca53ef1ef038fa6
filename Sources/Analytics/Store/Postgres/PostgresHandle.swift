import CPostgres
import Foundation
import Logging

/// Owns one `PGconn`. Not thread-safe, because libpq requires that "no two threads attempt to manipulate the same
/// PGconn object at the same time" (https://www.postgresql.org/docs/15/libpq-threading.html). Calls block.
final class PostgresHandle {
    private let pointer: OpaquePointer
    /// libpq's notice receiver holds an unretained pointer to it, so it must live as long as the connection.
    private let notices: NoticeLog
    /// Cancels a running statement from another thread.
    let cancelKey: PostgresCancelKey
    /// The socket's descriptor; it does not change after the connection is made.
    let socket: Int32

    /// Connects within `timeout`; stops early when `abandoned` returns true.
    ///
    /// - Throws: ``StoreError`` `.unavailable`, or `.closed` if abandoned.
    init(
        connectingTo target: PostgresTarget, timeout: Duration, logger: Logger, unless abandoned: () -> Bool
    ) throws(StoreError) {
        guard let started = Self.start(target) else {
            throw StoreError(.unavailable, "cannot connect to PostgreSQL: out of memory")
        }
        let notices = NoticeLog(logger)
        PQsetNoticeReceiver(started, NoticeLog.receiver, Unmanaged.passUnretained(notices).toOpaque())
        // Verbose messages are the only source of the SQLSTATE of a rejected connection: there is no `PGresult`.
        PQsetErrorVerbosity(started, PQERRORS_VERBOSE)
        do throws(StoreError) {
            try Self.finish(started, by: .now + timeout, unless: abandoned)
            guard let key = PQgetCancel(started) else {
                throw StoreError(.unavailable, "out of memory")
            }
            cancelKey = PostgresCancelKey(key)
            PQsetErrorVerbosity(started, PQERRORS_DEFAULT)
        } catch {
            PQfinish(started)
            throw error.code == .closed
                ? error
                : Self.unreachable(target, error.message)
        }
        pointer = started
        self.notices = notices
        socket = PQsocket(started)
    }

    deinit { PQfinish(pointer) }

    /// An error from libpq's verbose message, such as `… FATAL:  28P01: password authentication failed for user "omni";
    /// LOCATION:  auth_failed, auth.c:326`: the SQLSTATE goes into the error, the location is removed.
    static func unreachable(_ target: PostgresTarget, _ said: String) -> StoreError {
        var said = said
        var state: String?
        if let found = said.firstMatch(of: #/(FATAL|ERROR):\s+([0-9A-Z]{5}):\s*/#) {
            state = String(found.output.2)
            said.replaceSubrange(found.range, with: "\(found.output.1): ")
        }
        let reasons = said.split(separator: "; ").filter { !$0.hasPrefix("LOCATION:") }
        return StoreError(
            .unavailable, "PostgreSQL at \(target.place) cannot be reached: \(reasons.joined(separator: "; "))",
            sqlState: state)
    }

    private static func start(_ target: PostgresTarget) -> OpaquePointer? {
        let parameters = target.parameters
        let keywords = parameters.map { strdup($0.keyword) }
        let values = parameters.map { strdup($0.value) }
        defer { for string in keywords + values { free(string) } }
        let keywordPointers = keywords.map { $0.map { UnsafePointer($0) } } + [nil]
        let valuePointers = values.map { $0.map { UnsafePointer($0) } } + [nil]
        return PQconnectStartParams(keywordPointers, valuePointers, 1)
    }

    /// The polling loop of https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PQCONNECTSTARTPARAMS: it begins
    /// as if `PQconnectPoll` had returned "writing", and reads the descriptor each time because it may change.
    private static func finish(
        _ pointer: OpaquePointer, by deadline: ContinuousClock.Instant, unless abandoned: () -> Bool
    ) throws(StoreError) {
        var wanted = PGRES_POLLING_WRITING
        while wanted != PGRES_POLLING_OK {
            guard PQstatus(pointer) != CONNECTION_BAD, wanted != PGRES_POLLING_FAILED else {
                throw StoreError(.unavailable, lastMessage(pointer))
            }
            guard !abandoned() else { throw StoreError(.closed, "the database was closed") }
            guard .now < deadline else { throw StoreError(.unavailable, "no answer in time") }
            let events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT
            if ready(PQsocket(pointer), events, milliseconds: 50) { wanted = PQconnectPoll(pointer) }
        }
    }

    private static func ready(_ socket: Int32, _ events: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(events), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    /// Runs one or several statements without values in the simple query protocol. The result is that of the last one,
    /// or the error.
    func run(_ sql: String) -> PostgresResult { PostgresResult(PQexec(pointer, sql)) }

    /// Prepares a statement under that name in the session.
    func prepare(_ name: String, _ sql: String) -> PostgresResult {
        PostgresResult(PQprepare(pointer, name, sql, 0, nil))
    }

    /// Runs a prepared statement.
    func execute(_ name: String, _ parameters: PostgresParameters) -> PostgresResult {
        let result = parameters.withPointers { count, values in
            PQexecPrepared(pointer, name, count, values, nil, nil, 0)
        }
        return PostgresResult(result)
    }

    /// Runs a statement without a name in the session.
    func execute(unprepared sql: String, _ parameters: PostgresParameters) -> PostgresResult {
        let result = parameters.withPointers { count, values in
            PQexecParams(pointer, sql, count, nil, values, nil, nil, 0)
        }
        return PostgresResult(result)
    }

    /// The process id in the server's greeting. A pooler sends a number of its own.
    var greetedProcess: Int64 { Int64(PQbackendPID(pointer)) }

    /// Runs several statements in one round trip and returns the last one's result. `failed` is set to the first one
    /// that fails; the server does not run those after it. See
    /// https://www.postgresql.org/docs/15/libpq-pipeline-mode.html.
    ///
    /// The results of all statements but the last must be short: all are sent before any result is read, so long ones
    /// would fill the socket's buffers and block both sides.
    func pipeline(
        _ statements: [PostgresStatement], _ failed: inout (index: Int, failure: PostgresFailure)?
    ) -> PostgresResult {
        var last = PostgresResult(nil)
        let isOn = PQenterPipelineMode(pointer) == 1
        let sent = isOn ? statements.prefix { send($0) }.count : 0
        if isOn { PQpipelineSync(pointer) }
        for index in 0..<sent {
            last = PostgresResult(PQgetResult(pointer))
            if failed == nil, let failure = failure(of: last) { failed = (index, failure) }
            // `PQgetResult` returns NULL after each statement's result.
            while let more = PQgetResult(pointer) { PQclear(more) }
        }
        if sent < statements.count, failed == nil {
            failed = (sent, PostgresFailure(state: nil, message: Self.lastMessage(pointer)))
        }
        // The sync result is left, or nothing if the connection is lost.
        while isOn, let more = PQgetResult(pointer) {
            defer { PQclear(more) }
            if PQresultStatus(more) == PGRES_PIPELINE_SYNC { break }
        }
        if isOn { PQexitPipelineMode(pointer) }
        return last
    }

    private func send(_ statement: PostgresStatement) -> Bool {
        switch statement {
        case .command(let sql): PQsendQueryParams(pointer, sql, 0, nil, nil, nil, nil, 0) == 1
        case .prepared(let name, let parameters):
            parameters.withPointers { count, values in
                PQsendQueryPrepared(pointer, name, count, values, nil, nil, 0) == 1
            }
        case .unprepared(let sql, let parameters):
            parameters.withPointers { count, values in
                PQsendQueryParams(pointer, sql, count, nil, values, nil, nil, 0) == 1
            }
        }
    }

    /// The failure of a result; nil if it succeeded. Call it at once: the next call overwrites libpq's message.
    func failure(of result: borrowing PostgresResult) -> PostgresFailure? {
        guard !result.succeeded else { return nil }
        return PostgresFailure(state: result.state, message: result.message ?? Self.lastMessage(pointer))
    }

    /// The connection is closed by the server or the network; it is never restored.
    var isLost: Bool { PQstatus(pointer) != CONNECTION_OK }

    /// No transaction and no statement is in progress.
    var isIdle: Bool { PQtransactionStatus(pointer) == PQTRANS_IDLE }

    /// A statement has failed and the server rejects all others until ROLLBACK.
    var isAborted: Bool { PQtransactionStatus(pointer) == PQTRANS_INERROR }

    /// Reads pending input and returns ``isLost``, so that a connection that the server has closed is detected before
    /// its next use.
    func notesLoss() -> Bool {
        while !isLost, Self.ready(socket, POLLIN, milliseconds: 0) {
            if PQconsumeInput(pointer) == 0 { return true }
        }
        return isLost
    }

    private static func lastMessage(_ pointer: OpaquePointer) -> String {
        let text = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        return lines.isEmpty ? "no reason was given" : lines.joined(separator: "; ")
    }
}

/// Writes the server's notices to the log at debug level; libpq's default is standard error.
private final class NoticeLog {
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    static let receiver: PQnoticeReceiver = { box, result in
        guard let box, let result else { return }
        let text = PQresultErrorField(result, Int32(CPG_DIAG_MESSAGE_PRIMARY)).map { String(cString: $0) } ?? ""
        let state = PQresultErrorField(result, Int32(CPG_DIAG_SQLSTATE)).map { String(cString: $0) } ?? ""
        Unmanaged<NoticeLog>.fromOpaque(box).takeUnretainedValue().logger.debug(
            "PostgreSQL notice", metadata: ["notice": "\(text)", "sqlstate": "\(state)"])
    }
}
