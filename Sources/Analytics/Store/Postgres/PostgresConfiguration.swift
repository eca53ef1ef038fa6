package import Bridge
package import Logging

/// How ``PostgresDatabase`` reaches its server and how long it waits for what.
package struct PostgresConfiguration: Sendable {
    let target: PostgresTarget

    /// Connections, each with a thread of its own. At least 1.
    package var connections = 4
    /// How long one attempt to connect may take, over all hosts of the URL.
    package var connectTimeout: Duration = .seconds(5)
    /// How long a job waits for a connection before it fails with `.unavailable` (the server is away) or `.busy` (every
    /// connection works on something else).
    package var waitLimit: Duration = .seconds(5)
    /// The server's own net under every statement (`statement_timeout`); zero switches it off.
    package var statementTimeout: Duration = .seconds(30)
    /// How long a transaction may wait for its next statement before the server ends it. Nothing here waits between two
    /// statements, so a session that does belongs to a process that stands still: the rows it has locked are those that
    /// another process wants to take over. Shorter than those wait for a lock.
    package var idleInTransactionTimeout: Duration = .seconds(2)
    /// How long a cancelled statement may go on before its connection is cut.
    package var cancelGrace: Duration = .seconds(3)
    /// How long ``PostgresDatabase/close()`` lets accepted jobs go on before they are cancelled.
    package var closeGrace: Duration = .seconds(5)
    /// Prepared statements kept on each connection; the one unused for longest makes room.
    package var preparedStatements = 100
    /// How often a transaction runs again after a serialisation failure or a deadlock.
    package var transactionRetries = 5
    /// Jobs that may wait; one more fails with `.busy` at once.
    package var maximumWaiting = 4096
    /// Hears of lost and restored connections, and at debug level the server's notices.
    package var logger = Logger(label: "omni.analytics.postgres")

    /// - Parameter url: `postgresql://user:password@host:5432/name?sslmode=verify-full&sslrootcert=…` with any
    ///   parameter
    ///   of libpq, also written `postgresql+asyncpg://…`, or libpq's `host=… dbname=…` form.
    /// - Throws: ``StoreError`` `.other` when libpq cannot read it; the message does not repeat it.
    package init(url: Secret) throws(StoreError) {
        target = try PostgresTarget(url: url)
    }
}
