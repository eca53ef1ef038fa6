package import Bridge
package import Logging

/// The server, pool size and limits of ``PostgresDatabase``.
package struct PostgresConfiguration: Sendable {
    let target: PostgresTarget

    /// Number of connections, each with a thread of its own; at least 1.
    package var connections = 4
    /// Limit of one attempt to connect, over all hosts of the URL.
    package var connectTimeout: Duration = .seconds(5)
    /// How long a job waits for a connection before it fails with `.unavailable` (no connection exists) or `.busy` (all
    /// connections are in use).
    package var waitLimit: Duration = .seconds(5)
    /// The server's limit for each statement (`statement_timeout`); zero disables it.
    package var statementTimeout: Duration = .seconds(30)
    /// How long a transaction may wait for its next statement before the server ends the session
    /// (`idle_in_transaction_session_timeout`). Omni does not wait between two statements, so such a session belongs to
    /// a suspended process, whose locked rows another process wants to claim. Shorter than the limits with which
    /// processes wait for a lock.
    package var idleInTransactionTimeout: Duration = .seconds(2)
    /// How long a cancelled statement may continue before its connection is shut down.
    package var cancelGrace: Duration = .seconds(3)
    /// How long ``PostgresDatabase/close()`` lets accepted jobs continue before they are cancelled.
    package var closeGrace: Duration = .seconds(5)
    /// Prepared statements for each connection; beyond it the least recently used one is deallocated.
    package var preparedStatements = 100
    /// How often a transaction is repeated after a serialisation failure, a deadlock or a stale plan.
    package var transactionRetries = 5
    /// Number of jobs that may wait; a further job fails with `.busy` at once.
    package var maximumWaiting = 4096
    /// Receives lost and restored connections, and the server's notices at debug level.
    package var logger = Logger(label: "omni.analytics.postgres")

    /// - Parameter url: `postgresql://user:password@host:5432/name?sslmode=verify-full&sslrootcert=…` with any
    ///   parameter of libpq, also `postgresql+asyncpg://…`, or libpq's `host=… dbname=…` form.
    /// - Throws: ``StoreError`` `.other` if libpq cannot parse it; the message does not contain it.
    package init(url: Secret) throws(StoreError) {
        target = try PostgresTarget(url: url)
    }
}
