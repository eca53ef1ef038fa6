extension Migration {
    /// Sums by day for the reports (``Rollup``), corrections of prices, and the digests of migrations. Does not compute
    /// the roll-ups of questions that ended before: see ``Store/ensureRollups()``.
    static let rollups = Migration(version: 3, description: "roll-ups, repriced costs, digests") { dialect in
        dialect == .postgres ? Migration3Postgres.parts : Migration3SQLite.parts
    }
}
