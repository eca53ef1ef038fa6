extension Migration {
    /// A question can wait: `questions.wait_until`, and steps of any kind (a step's kind is checked when it is read).
    static let waits = Migration(version: 8, description: "questions that wait") { dialect in
        switch dialect {
        case .postgres:
            [
                """
                ALTER TABLE questions ADD COLUMN wait_until timestamptz;
                ALTER TABLE question_steps DROP CONSTRAINT question_steps_kind_check;
                """
            ]
        case .sqlite:
            // SQLite cannot drop a constraint (sqlite.org/lang_altertable.html, 7). No table refers to this one, so that
            // the foreign keys may stay on.
            [
                """
                ALTER TABLE questions ADD COLUMN wait_until TEXT;
                CREATE TABLE question_steps_new (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    question_id TEXT NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
                    epoch INTEGER NOT NULL,
                    kind TEXT NOT NULL,
                    call_id TEXT,
                    payload TEXT NOT NULL,
                    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
                );
                INSERT INTO question_steps_new (id, question_id, epoch, kind, call_id, payload, created_at)
                    SELECT id, question_id, epoch, kind, call_id, payload, created_at FROM question_steps ORDER BY id;
                DROP TABLE question_steps;
                ALTER TABLE question_steps_new RENAME TO question_steps;
                CREATE INDEX question_steps_question ON question_steps (question_id, id);
                """
            ]
        }
    }
}
