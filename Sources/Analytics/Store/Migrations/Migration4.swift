extension Migration {
    /// Adds what the proof of the audit log needs: the digest of a row's personal columns, the signed records of
    /// removed rows, and the questions whose personal text was deleted. The indexes find rows without a position in the
    /// chain, and what is old enough to be deleted.
    static let proof = Migration(version: 4, description: "proof of the audit log, retention, forgetting") { dialect in
        let time = dialect == .postgres ? "timestamptz" : "text"
        let schema = """
            ALTER TABLE audit_logs ADD COLUMN personal_digest text;
            CREATE INDEX audit_logs_unsealed ON audit_logs (id) WHERE seq IS NULL;

            CREATE TABLE audit_tombstones (
                chain_day text NOT NULL,
                seq bigint NOT NULL,
                prev_hash text NOT NULL,
                hash text NOT NULL,
                signature text NOT NULL,
                key_id text NOT NULL REFERENCES audit_keys (id),
                PRIMARY KEY (chain_day, seq)
            );

            CREATE TABLE audit_forgotten (
                question_id text NOT NULL PRIMARY KEY,
                at \(time) NOT NULL DEFAULT (\(dialect.now)),
                actor text NOT NULL
            );

            CREATE INDEX questions_finished ON questions (finished_at) WHERE finished_at IS NOT NULL;
            CREATE INDEX questions_asker ON questions (asker_email);
            """
        // PostgreSQL drops whole partitions of tool_calls; a search by e-mail is rare there and reads them all.
        return dialect == .postgres
            ? [schema] : [schema, "CREATE INDEX tool_calls_created ON tool_calls (created_at);"]
    }
}
