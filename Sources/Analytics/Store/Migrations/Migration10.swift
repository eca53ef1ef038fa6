extension Migration {
    /// A question can be stopped by any process: `questions.stop`, which its owner reads when it renews the lease.
    static let stops = Migration(version: 10, description: "questions that are stopped") { dialect in
        ["ALTER TABLE questions ADD COLUMN stop \(dialect == .postgres ? "jsonb" : "TEXT");"]
    }
}
