import Foundation

/// What the audit log has of the present day, which begins at midnight in the zone of the store's calendar.
package struct TodayFigures: Sendable, Hashable {
    /// Questions that have ended.
    package let questions: Int
    /// Users who asked them.
    package let users: Int

    package init(questions: Int, users: Int) {
        self.questions = questions
        self.users = users
    }
}

extension Store {
    /// The figures of the day so far.
    package func today() async throws -> TodayFigures {
        let midnight = calendar.start(of: calendar.day(of: Date()))
        return try await inStore {
            try await $0.read { connection in
                var statement = SQLStatement(connection.dialect)
                let sql = """
                    SELECT count(*) AS questions, count(DISTINCT user_email) AS askers FROM audit_logs
                    WHERE created_at >= \(statement.bind(.time(midnight)))
                    """
                let row = try connection.query(sql, statement.values).first
                return TodayFigures(questions: Int(row?.int("questions") ?? 0), users: Int(row?.int("askers") ?? 0))
            }
        }
    }
}
