/// A statement of a pipeline.
enum PostgresStatement {
    /// An SQL text without values.
    case command(String)
    /// A statement that was prepared under that name in the session, with its values.
    case prepared(String, PostgresParameters)
    /// An SQL text with its values, for a session that keeps no prepared statements.
    case unprepared(String, PostgresParameters)
}
