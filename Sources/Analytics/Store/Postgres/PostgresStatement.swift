/// A statement of a pipeline.
enum PostgresStatement {
    /// Without values, as it is.
    case command(String)
    /// Of that name in the session.
    case prepared(String, PostgresParameters)
}
