import Bridge
package import Logging
import NIOConcurrencyHelpers

/// Keeps what was asked, answered, called and spent. The one door of this room: questions and their lives, people, the
/// audit trail and the servers, over PostgreSQL or SQLite.
///
/// Every method throws ``StoreError``. A value stands for one process's view: it remembers the claims of its process.
package final class Store: Sendable {
    let database: any SQLDatabase
    /// Where questions are kept while the database is away; nil for commands that fail then.
    let spool: Spool?
    let logger: Logger
    /// What this process works on.
    let heldClaims = NIOLockedValueBox(HeldClaims())
    /// Who else is registered under this process's name.
    let names = NIOLockedValueBox(NameWatch())
    /// The months whose partitions are known to be there.
    let months = NIOLockedValueBox<Set<String>>([])

    /// A record over a database that is already open.
    ///
    /// - Parameter spoolFolder: where questions are kept while the database is away. Nothing is made there before that.
    package convenience init(
        _ database: any SQLDatabase, spoolFolder: String? = nil, logger: Logger = Logger(label: "omni.analytics.record")
    ) {
        self.init(
            database, spool: spoolFolder.map { Spool(folder: $0, limits: Spool.Limits(), logger: logger) },
            logger: logger)
    }

    init(_ database: any SQLDatabase, spool: Spool?, logger: Logger) {
        self.database = database
        self.spool = spool
        self.logger = logger
    }

    /// Opens the record and checks that its schema is this program's, unless `migrating` brings it there.
    ///
    /// Throws ``StoreError``: `.unavailable` when it cannot be reached, `.corrupt` when the schema is newer than this
    /// program, is not there yet or was made by another program. The message never holds a password.
    package static func open(
        _ location: StoreLocation, migrating: Bool = true, logger: Logger = Logger(label: "omni.analytics.record")
    ) async throws -> Store {
        let store = Store(try database(location, logger: logger), logger: logger)
        do {
            if migrating {
                try await store.migrate()
            } else {
                try Migrations.check(try await store.schemaVersion())
            }
            return store
        } catch {
            await store.close()
            throw error
        }
    }

    /// Opens the record of a process that goes on without its store: while the store is away, questions are kept in
    /// `spoolFolder`, and what an earlier process left there is taken over.
    ///
    /// Throws ``StoreError`` for what waiting does not mend: a password or a database that the server does not know, a
    /// schema that is newer than this program or another program's.
    package static func open(
        _ location: StoreLocation, spoolFolder: String, logger: Logger = Logger(label: "omni.analytics.record")
    ) async throws -> Store {
        let store = Store(try database(location, logger: logger), spoolFolder: spoolFolder, logger: logger)
        do {
            try await store.begin()
            return store
        } catch {
            await store.close()
            throw error
        }
    }

    /// Finds out how the store is, and takes over what processes that are gone have left.
    func begin() async throws {
        guard let spool else { return }
        do {
            // More than later work gets: to make a new schema takes its time.
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

    /// Brings the schema to this program's version and makes the partitions of this month and the next. Harmless when
    /// there is nothing to do and when several processes do it at once. Gives the versions that were applied.
    @discardableResult
    package func migrate() async throws -> [Int] {
        let applied = try await Migrations.run(on: database)
        if !applied.isEmpty {
            logger.info("the record's schema was brought up", metadata: ["version": "\(Migrations.latest)"])
        }
        try await ensureCurrentPartitions()
        return applied
    }

    /// The schema's version; 0 before the first migration. Throws when another program made the tables.
    package func schemaVersion() async throws -> Int {
        try await database.read { try Migrations.version($0) }
    }

    /// Throws when the database does not answer now.
    package func ping() async throws { try await database.ping() }

    /// Ends the work under way and closes the database.
    package func close() async {
        await closeSpool()
        await database.close()
    }
}
