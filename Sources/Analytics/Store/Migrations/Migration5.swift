extension Migration {
    /// The digests that were claimed, sent or given up: of several processes one posts a digest.
    static let digests = Migration(version: 5, description: "digests that are posted on a schedule") { dialect in
        let time = dialect == .postgres ? "timestamptz" : "TEXT"
        return [
            """
            CREATE TABLE digests (
                due text NOT NULL PRIMARY KEY,
                owner text NOT NULL,
                claimed_at \(time) NOT NULL DEFAULT (\(dialect.now)),
                attempts integer NOT NULL,
                channel text,
                ts text,
                sent_at \(time),
                given_up text
            );
            """
        ]
    }
}
