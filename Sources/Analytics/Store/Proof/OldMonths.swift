import Foundation

/// The retention on PostgreSQL: whole monthly partitions of `audit_logs` and `tool_calls`.
extension Store {
    private static let recordedAtOnce = 500

    func removeMonths(before cutoff: Date, _ key: AuditKey?, _ result: inout RetentionResult) async throws {
        let months = try await database.read { try Partitions.months(on: $0) }
        for month in months where Partitions.end(month).map({ $0 <= cutoff }) ?? false {
            guard !Task.isCancelled else { return }
            let partition = try await database.read { try AuditPartition.find(month, on: $0) }
            if let partition {
                guard try await isReady(partition, key) else {
                    result.waiting.append(Partitions.suffix(month))
                    continue
                }
                if let key { try await recordRows(of: partition, key) }
            }
            guard try await drop(month, partition, key) else {
                result.waiting.append(Partitions.suffix(month))
                continue
            }
            _ = self.months.withLockedValue { $0.remove(Partitions.suffix(month)) }
            result.months.append(Partitions.suffix(month))
        }
    }

    /// With a key: every row is sealed. Without one: none is.
    private func isReady(_ partition: AuditPartition, _ key: AuditKey?) async throws -> Bool {
        try await database.read { try partition.isReady(hasKey: key != nil, on: $0) }
    }

    /// Writes the records of the partition's rows whose days of the chain have rows elsewhere.
    private func recordRows(of partition: AuditPartition, _ key: AuditKey) async throws {
        let days = try await database.read { try partition.days(on: $0) }.filter(\.remains).map(\.day)
        for day in days {
            var position: Int64 = 0
            while !Task.isCancelled {
                let after = position
                let last = try await database.write { connection -> Int64? in
                    // The key is registered by one transaction at a time.
                    try Self.lockChain(connection)
                    try Self.adopt(key, on: connection)
                    let rows = try partition.rows(of: day, after: after, limit: Self.recordedAtOnce, on: connection)
                    try Self.record(removed: rows, key, on: connection)
                    return rows.count == Self.recordedAtOnce ? rows.last?.int("seq") : nil
                }
                guard let last else { break }
                position = last
            }
        }
    }

    /// Drops the month's partitions in one transaction. False if another process is at it, or rows have come since.
    private func drop(
        _ month: (year: Int64, month: Int64), _ partition: AuditPartition?, _ key: AuditKey?
    ) async throws -> Bool {
        try await database.write { connection in
            guard try Self.tryLockRetention(connection) else { return false }
            try Self.lockChain(connection)
            if let partition {
                guard try partition.isReady(hasKey: key != nil, on: connection) else { return false }
                if let key {
                    try Self.adopt(key, on: connection)
                    for day in try partition.days(on: connection) {
                        guard !day.remains else {
                            guard try partition.isRecorded(day.day, on: connection) else { return false }
                            continue
                        }
                        try Self.record(removedDay: day.day, key, on: connection)
                    }
                }
                try partition.deleteProof(on: connection)
            }
            try Partitions.drop(month, on: connection)
            return true
        }
    }
}
