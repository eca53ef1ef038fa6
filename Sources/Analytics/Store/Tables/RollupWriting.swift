import Bridge

extension Store {
    /// Inserts a question's audit row and tool calls and adds them to the roll-ups. The calls get the time of the
    /// question's end.
    static func insert(
        _ audit: AuditRow, calls: [ToolCallRow], _ calendar: ReportingCalendar, on connection: any SQLConnection
    ) throws {
        try insert(audit, on: connection)
        for call in calls { try insert(call, at: audit.createdAt, on: connection) }
        try add(Rollup.entries(of: audit, calls: calls, calendar), on: connection)
    }

    /// Adds to the three roll-up tables. The sums of the months to which the days belong do not count any more.
    ///
    /// The statements are in the order of the tables' names in ``RollupTable`` and their rows in the order of the keys:
    /// transactions that add to the same rows wait for each other in one direction only and do not deadlock.
    static func add(_ entries: RollupEntries, on connection: any SQLConnection) throws {
        try RollupTable.usage.add(
            entries.usage.sorted { $0.key < $1.key }.map { fields($0.key, $0.value) }, on: connection)
        try RollupTable.latency.add(
            entries.latency.sorted { $0.key < $1.key }.flatMap { fields($0.key, $0.value) }, on: connection)
        try RollupTable.errors.add(
            entries.errors.sorted { $0.key < $1.key }.map { fields($0.key, $0.value) }, on: connection)
        try daysChanged(Set(entries.usage.keys.map(\.day)), on: connection)
    }

    private static func fields(_ key: RollupKey, _ figures: UsageFigures) -> [ColumnValue] {
        var fields = key.fields
        for (_, path) in UsageFigures.columns { fields.append(.int(figures[keyPath: path])) }
        fields.append(.time(figures.lastAt))
        return fields
    }

    private static func fields(_ key: RollupKey, _ histogram: LatencyHistogram) -> [[ColumnValue]] {
        histogram.counts.sorted { $0.key < $1.key }.map { bucket, count -> [ColumnValue] in
            key.fields + [.int(Int64(bucket)), .int(count)]
        }
    }

    private static func fields(_ key: RollupKey, _ errors: RollupEntries.Errors) -> [ColumnValue] {
        key.fields + [.text(key.message), .int(errors.count), .time(errors.lastAt)]
    }
}

extension RollupKey {
    /// The values of the columns that all three tables begin with.
    fileprivate var fields: [ColumnValue] { [.text(dimension), .text(day), .text(name), .text(detail)] }
}
