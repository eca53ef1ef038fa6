import Foundation
import GRDB

/// Generates the operations database in memory; the same for the same seed and time.
///
/// The incident that the data describes: `payments` v2.14.0, deployed three hours ago, compares `order_id` as text, so
/// that PostgreSQL does not use its index. The sequential scans make `payments` slow, `checkout` runs into timeouts,
/// and a transaction that the deploy's backfill left open blocks writers.
struct Shop {
    /// The shop's fixed time, seconds since 1970.
    let now: Int
    var numbers: SeededNumbers

    static let hour = 3600
    static let day = 86400
    /// Seconds between the bad deploy and `now`.
    static let badDeployAge = 3 * hour + 8 * 60
    static let badVersion = "v2.14.0"
    static let days = 14

    var badDeploy: Int { now - Self.badDeployAge }

    static func make(seed: UInt64, now: Date) throws -> DatabaseQueue {
        let database = try DatabaseQueue()
        var shop = Shop(now: Int(now.timeIntervalSince1970), numbers: SeededNumbers(seed: seed))
        try database.write { db in
            try db.execute(sql: Schema.sql)
            try shop.addServices(db)
            try shop.addDeploys(db)
            try shop.addMetrics(db)
            try shop.addIncidents(db)
            try shop.addDatabases(db)
            try shop.addQueries(db)
            try shop.addSessions(db)
            try shop.addLogs(db)
        }
        return database
    }

    func insert(_ rows: [[(any DatabaseValueConvertible)?]], into table: String, _ db: Database) throws {
        guard let width = rows.first?.count else { return }
        let places = Array(repeating: "?", count: width).joined(separator: ", ")
        let statement = try db.makeStatement(sql: "INSERT INTO \(table) VALUES (\(places))")
        for row in rows { try statement.execute(arguments: StatementArguments(row)) }
    }
}
