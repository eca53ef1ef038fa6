import Foundation

/// The kind of transaction around a job's closure.
enum PostgresAccess {
    /// One snapshot for all queries, as in SQLite, and no writes.
    case read
    /// READ COMMITTED, committed when the closure returns.
    case write
    /// No explicit transaction: each statement commits by itself.
    case autocommit

    /// The statement that opens the transaction; nil for none.
    var begin: String? {
        switch self {
        case .autocommit: nil
        case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        // Without READ WRITE, so that `default_transaction_read_only` of the server applies (set, for example, when its
        // disk is full) and a write fails.
        case .write: "BEGIN ISOLATION LEVEL READ COMMITTED"
        }
    }
}

/// The outcome of one attempt at a transaction.
enum TransactionOutcome {
    case committed
    /// Rolled back; the error goes to the caller.
    case failed(any Error)
    /// Rolled back by the server; the same closure may succeed when repeated.
    case rejected(StoreError)
    /// The connection was lost before COMMIT was sent, so nothing was committed.
    case lost(StoreError)
}

extension PostgresConnection {
    /// Runs the closure as one transaction, and repeats it after the failures for which PostgreSQL recommends that:
    /// https://www.postgresql.org/docs/15/mvcc-serialization-failure-handling.html
    func transaction(
        _ access: PostgresAccess, retries: Int, _ body: (PostgresConnection) throws -> Void
    ) -> TransactionOutcome {
        // Behind a pooler a statement alone would run under another session's settings.
        let access = isPooled && access == .autocommit ? .write : access
        self.access = access
        var attempt = 0
        while true {
            let outcome = attemptTransaction(access, body)
            guard case .rejected(let error) = outcome else { return outcome }
            guard attempt < retries, interrupt?.isCancelled != true else { return .failed(error) }
            attempt += 1
            // A random pause, so that the transactions that conflicted do not conflict again.
            Thread.sleep(forTimeInterval: Double.random(in: 0.001...0.005) * Double(1 << min(attempt, 6)))
        }
    }

    private func attemptTransaction(
        _ access: PostgresAccess, _ body: (PostgresConnection) throws -> Void
    ) -> TransactionOutcome {
        forgetFailure()
        do {
            if let begin = access.begin { self.begin(begin) }
            try body(self)
            try checkInterrupt()
            if access == .autocommit { try flush() }
            if let failure, isAborted || isLost { throw failure }
        } catch {
            return access == .autocommit ? abandonAutocommit(error) : abandon(error)
        }
        if access == .autocommit { return .committed }
        if notesLoss() {
            return abandon(StoreError(.unavailable, "the connection to PostgreSQL was lost before COMMIT"))
        }
        return commit(access)
    }

    /// Maps the error of an autocommit closure. There is nothing to roll back.
    private func abandonAutocommit(_ error: any Error) -> TransactionOutcome {
        if isLost {
            return .failed(
                StoreError(
                    .commitUnknown,
                    "the connection to PostgreSQL was lost during a statement; look for its rows before writing again",
                    sqlState: failure?.sqlState))
        }
        if interrupt?.isCancelled == true { return .failed(Self.cancelled) }
        let state = failure?.sqlState.map(SQLState.init(rawValue:))
        if let failure, planWasStale || state?.asksForNewTry == true { return .rejected(failure) }
        return .failed(error)
    }

    private func abandon(_ error: any Error) -> TransactionOutcome {
        if interrupt?.isCancelled == true {
            _ = rollBack()
            return .failed((error as? StoreError)?.code == .cancelled ? error : Self.cancelled)
        }
        let first = failure
        guard rollBack() else {
            let reason = failure.flatMap { $0.code == .unavailable ? $0 : nil }
            return .lost(reason ?? StoreError(.unavailable, "the connection to PostgreSQL was lost"))
        }
        let state = first?.sqlState.map(SQLState.init(rawValue:))
        if let first, planWasStale || state?.asksForNewTry == true { return .rejected(first) }
        return .failed(error)
    }

    private func commit(_ access: PostgresAccess) -> TransactionOutcome {
        do {
            // COMMIT of a failed transaction succeeds with the command tag ROLLBACK.
            guard ["COMMIT", nil].contains(try commit()) else {
                return .failed(StoreError(.other, "PostgreSQL rolled the transaction back instead of committing it"))
            }
            return .committed
        } catch {
            switch access {
            case .autocommit: return .committed
            // The rows were received; there was nothing to commit.
            case .read: return .committed
            case .write where isLost:
                return .failed(
                    StoreError(
                        .commitUnknown,
                        "the connection to PostgreSQL was lost during COMMIT; look for the rows before writing again",
                        sqlState: error.sqlState))
            case .write: return abandon(error)
            }
        }
    }

    private static let cancelled = StoreError(.cancelled, "the work was cancelled and rolled back")
}
