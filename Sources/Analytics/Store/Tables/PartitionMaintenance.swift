package import Foundation

extension Store {
    /// Creates the partitions of `audit_logs` and `tool_calls` for a row of that time. In a transaction of its own
    /// before the row's: creating a partition locks the whole table.
    package func ensurePartitions(for time: Date) async throws {
        try await inStore { try await self.makePartitions(for: time, on: $0) }
    }

    /// The same on a given database. Does nothing for SQLite and for a month that is known to exist.
    func makePartitions(for time: Date, on database: any SQLDatabase) async throws {
        guard database.dialect == .postgres else { return }
        let month = Timestamp.month(of: Timestamp.rounded(time))
        let name = Partitions.suffix(month)
        guard !months.withLockedValue({ $0.contains(name) }) else { return }
        try await database.write { try Partitions.ensure(month, on: $0) }
        _ = months.withLockedValue { $0.insert(name) }
    }

    /// Creates the partitions of this month and the next; called at start and daily.
    package func ensureCurrentPartitions() async throws {
        let now = Date()
        try await makePartitions(for: now, on: database)
        try await makePartitions(for: now.addingTimeInterval(31 * 86_400), on: database)
    }
}
