extension Migration {
    /// The index of questions by iterations has the whole order of the report: many questions have the same number, and
    /// all of them were sorted to find the newest twenty.
    static let mostIterations = Migration(version: 9, description: "order of questions by iterations") { _ in
        [
            """
            DROP INDEX audit_logs_iterations;
            CREATE INDEX audit_logs_iterations ON audit_logs (iterations DESC, id DESC);
            """
        ]
    }
}
