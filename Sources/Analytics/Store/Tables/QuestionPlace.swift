package import Bridge
import Foundation

extension Record {
    /// Notes who asks and in which thread the answer is, once both are known: an identity is looked up, and a slash
    /// command's thread made, only after the question was stored. False when the claim no longer counts.
    package func locate(_ claim: Claim, _ question: Question, origin: Origin) async throws -> Bool {
        try await database.write { connection in
            var statement = SQLStatement(connection.dialect)
            let sql = """
                UPDATE questions SET asker_email = \(statement.bind(.text(question.asker.email))),
                    asker_name = \(statement.bind(.text(question.asker.name))),
                    asker_role = \(statement.bind(.text(question.asker.role))),
                    thread_key = \(statement.bind(.text(question.threadKey))),
                    channel_name = \(statement.bind(.text(question.place.channelName))),
                    origin = \(statement.bind(.json(["ids": origin.json, "context": claim.question.context])))
                WHERE id = \(statement.bind(.text(claim.id.text))) AND epoch = \(statement.bind(.int(claim.epoch)))
                AND \(QuestionRows.open)
                """
            return try connection.execute(sql, statement.values) == 1
        }
    }
}
