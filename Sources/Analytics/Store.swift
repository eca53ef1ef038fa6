import Bridge
package import Logging
import NIOConcurrencyHelpers

/// The API of this module: questions and their states, users, the audit log and MCP servers, in PostgreSQL or SQLite.
///
/// Methods that use the database throw ``StoreError``. A value belongs to one process: it holds the claims of that
/// process.
package final class Store: Sendable {
    let database: any SQLDatabase
    /// Where questions are stored while the database is unavailable. nil: calls throw then.
    let spool: Spool?
    /// The days of the roll-ups and of reports.
    package let calendar: ReportingCalendar
    let logger: Logger
    /// The claims of this process.
    let heldClaims = NIOLockedValueBox(HeldClaims())
    /// The other process that is registered under this process's name, if any.
    let names = NIOLockedValueBox(NameWatch())
    /// The months whose partitions this process knows to exist, as ``Partitions/suffix(_:)``.
    let months = NIOLockedValueBox<Set<String>>([])

    /// A store over a database that is already open.
    ///
    /// - Parameter spoolFolder: where questions are stored while the database is unavailable; nil: no spool. The folder
    ///   is created at the first such question.
    package convenience init(
        _ database: any SQLDatabase, spoolFolder: String? = nil, calendar: ReportingCalendar = ReportingCalendar(),
        logger: Logger = Logger(label: "omni.analytics.record")
    ) {
        self.init(
            database, spool: spoolFolder.map { Spool(folder: $0, limits: Spool.Limits(), logger: logger) },
            calendar: calendar, logger: logger)
    }

    init(
        _ database: any SQLDatabase, spool: Spool?, calendar: ReportingCalendar = ReportingCalendar(), logger: Logger
    ) {
        self.database = database
        self.spool = spool
        self.calendar = calendar
        self.logger = logger
    }

    /// Opens the store. If `migrating`, migrates the schema to this program's version, else checks that it has that
    /// version.
    ///
    /// Throws ``StoreError``: `.unavailable` if the database cannot be reached, `.corrupt` if the schema is newer than
    /// this program, was made by another program, or (without `migrating`) is older or missing. The message contains no
    /// password.
    package static func open(
        _ location: StoreLocation, migrating: Bool = true, calendar: ReportingCalendar = ReportingCalendar(),
        logger: Logger = Logger(label: "omni.analytics.record")
    ) async throws -> Store {
        let store = Store(try database(location, logger: logger), calendar: calendar, logger: logger)
        do {
            if migrating {
                try await store.migrate()
            } else {
                try await store.database.read { try Migrations.check($0) }
            }
            return store
        } catch {
            await store.close()
            throw error
        }
    }

    /// Opens the store of a process that continues without its database: while the database is unavailable, questions
    /// are stored in `spoolFolder`. The spools of processes that have exited are taken over.
    ///
    /// Throws ``StoreError`` if waiting does not help: the server rejects the password or has no such database, or the
    /// schema is newer than this program or was made by another program.
    package static func open(
        _ location: StoreLocation, spoolFolder: String, calendar: ReportingCalendar = ReportingCalendar(),
        logger: Logger = Logger(label: "omni.analytics.record")
    ) async throws -> Store {
        let store = Store(
            try database(location, logger: logger), spoolFolder: spoolFolder, calendar: calendar, logger: logger)
        do {
            try await store.begin()
            return store
        } catch {
            await store.close()
            throw error
        }
    }

    /// Migrates the schema, or marks the store as unavailable; then takes over the spools of processes that have
    /// exited. Does nothing without a spool.
    func begin() async throws {
        guard let spool else { return }
        do {
            // Longer than the limits of later work, because creating a schema takes longer. A migration of large tables
            // takes longer than this too: it is made while questions go to the spool.
            try await StoreTimeout.run(.seconds(8)) { _ = try await self.migrate() }
            try await recover(spool)
            try await learnPeople(spool)
        } catch let error as StoreError where error.saysAway && !error.isLockedOut {
            spool.note(error)
            try await recover(spool)
        }
    }

    private static func database(_ location: StoreLocation, logger: Logger) throws -> any SQLDatabase {
        switch location {
        case .sqlite(let path):
            return try SQLiteDatabase(path: path)
        case .postgres(let url):
            var configuration = try PostgresConfiguration(url: url)
            configuration.logger = logger
            return PostgresDatabase(configuration)
        }
    }

    /// Migrates the schema to this program's version and creates the partitions of this month and the next. Idempotent,
    /// also when several processes run it at once. Returns the versions that were applied.
    @discardableResult
    package func migrate() async throws -> [Int] {
        let applied = try await Migrations.run(on: database)
        if !applied.isEmpty {
            logger.info("the store's schema was migrated", metadata: ["version": "\(Migrations.latest)"])
        }
        try await ensureCurrentPartitions()
        return applied
    }

    /// The schema's version; 0 before the first migration. Throws `.corrupt` if another program made the tables.
    package func schemaVersion() async throws -> Int {
        try await database.read { try Migrations.version($0) }
    }

    /// Throws if the database does not answer.
    package func ping() async throws { try await database.ping() }

    /// Empties the spool if the store answers, finishes the work in progress and closes the database.
    package func close() async {
        await closeSpool()
        await database.close()
    }
}
