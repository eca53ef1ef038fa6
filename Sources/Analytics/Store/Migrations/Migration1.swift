import Foundation

extension Migration {
    /// The first schema. Columns of the original system keep their names (its `init.sql`), so that SQL written for it
    /// runs; Omni's own columns follow after a blank line in each table.
    static let firstSchema = Migration(version: 1, description: "people, questions, audit, servers") { dialect in
        dialect == .postgres ? Migration1Postgres.parts : Migration1SQLite.parts
    } afterwards: { connection in
        guard connection.dialect == .postgres else { return }
        let month = Timestamp.month(of: Date())
        try Partitions.ensure(month, on: connection)
        try Partitions.ensure(Partitions.next(month), on: connection)
    }
}
