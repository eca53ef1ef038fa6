import Analytics
import Bridge
import Foundation
import TestKit
import Testing

/// A pool on a new, empty database of the shared server. Its limits allow for a busy machine; a test about limits
/// sets its own. Close it at the end of the test.
func makePool(
    url: String? = nil, connections: Int = 1, _ change: (inout PostgresConfiguration) -> Void = { _ in }
) async throws -> PostgresDatabase {
    let address = if let url { url } else { try await PrivatePostgres.database() }
    var configuration = try PostgresConfiguration(url: Secret(address))
    configuration.connections = connections
    configuration.waitLimit = .seconds(60)
    configuration.connectTimeout = .seconds(60)
    change(&configuration)
    return PostgresDatabase(configuration)
}

/// The `StoreError` that the work throws; records an issue when it throws none.
func storeError(
    sourceLocation: SourceLocation = #_sourceLocation, _ work: () async throws -> Void
) async throws -> StoreError {
    try #require(
        await #expect(throws: StoreError.self, sourceLocation: sourceLocation) { try await work() },
        sourceLocation: sourceLocation)
}

extension SQLDatabase {
    /// The number of this database's other sessions that run a statement containing `words`.
    func sessions(running words: String) async throws -> Int64 {
        try await read { connection in
            let rows = try connection.query(
                """
                SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database()
                AND state = 'active' AND pid <> pg_backend_pid() AND position($1 IN query) > 0
                """, [.text(words)])
            return rows.first?.int("n") ?? 0
        }
    }

    /// The first value of the first row; nil when there is none.
    func scalar(_ sql: String, _ values: [SQLValue] = []) async throws -> SQLValue? {
        try await read { try $0.query(sql, values).first?.values.first }
    }
}
