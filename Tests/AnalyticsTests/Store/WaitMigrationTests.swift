import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The migration to questions that wait", .timeLimit(.minutes(3)))
struct WaitMigrationTests {
    @Test("a question begun before it keeps its steps, continues and may wait", arguments: Backend.allCases)
    func begun(_ backend: Backend) async throws {
        try await backend.withLocation { location in try await Self.migrate(location) }
    }

    private static func migrate(_ location: StoreLocation) async throws {
        let question = Samples.question()
        let old = try await MigrationDigestTests.database(location, version: Migration.waits.version - 1)
        let before = try await old.write { connection in
            _ = try Store.accept(NewQuestion(question, origin: Samples.origin), on: connection)
            try connection.script("UPDATE questions SET state = 'working', epoch = 1, attempts = 1")
            let steps: [QuestionStep] = [
                .toolStarted(Samples.call("call-0")), .toolResult(Samples.call("call-0"), .text("ten")),
            ]
            for step in steps { _ = try Store.append(step, to: question.id, 1, on: connection) }
            return try rows(connection)
        }
        await old.close()
        let store = try await Store.open(location)
        #expect(before.count == 2)
        let after = try await store.database.read { try rows($0) }
        #expect(after == before)
        let claim = try #require(try await store.claim(question.id, for: Samples.process, lease: .seconds(600)))
        #expect(claim.question.attempts == 2)
        let wait = Samples.wait()
        #expect(try await store.suspend(wait, claim, posts: []))
        #expect(try await store.answer(.expired, to: wait.id, of: question.id) == .ended)
        let kinds = try await store.steps(of: question.id).map(\.kind)
        #expect(kinds == [.toolStarted, .toolResult, .waiting, .waitEnded])
        let left = try await store.database.write { connection in
            try connection.execute("DELETE FROM questions", [])
            return try rows(connection)
        }
        #expect(left == [], "the steps go with their question")
        await store.close()
    }

    private static func rows(_ connection: any SQLConnection) throws -> [[SQLValue]] {
        let at = connection.dialect.selected("created_at", .time)
        let sql = "SELECT id, question_id, epoch, kind, call_id, payload, \(at) FROM question_steps ORDER BY id"
        return try connection.query(sql, []).map(\.values)
    }
}
