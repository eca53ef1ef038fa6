import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The history of a question that is asked again", .timeLimit(.minutes(3)))
struct RepeatedQuestionTests {
    @Test("it has the thread's other turns, and not its own earlier attempts", arguments: Backend.allCases)
    func history(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let start = Date().addingTimeInterval(-1000)
            func question(_ text: String, _ second: Double) -> Question {
                Samples.question(text, thread: "T", at: start.addingTimeInterval(second))
            }
            func repeated(_ question: Question, of first: Question) async throws {
                let new = NewQuestion(question, origin: Samples.origin, retryOf: first.id)
                _ = try await store.accept(new)
                let claim = try #require(
                    try await store.claim(question.id, for: Samples.process, lease: .seconds(600)))
                let finished = FinishedQuestion(
                    question, origin: Samples.origin, outcome: Samples.answered("to \(question.text)"),
                    retryOf: claim.question.retryOf)
                let isFinished = try await store.finish(finished, claim)
                #expect(isFinished)
            }
            let (other, first, second) = (question("other", 1), question("why?", 2), question("again", 3))
            try await store.answer(other)
            try await store.answer(first)
            try await repeated(second, of: first)
            let third = question("once more", 4)
            _ = try await store.accept(NewQuestion(third, retryOf: second.id))

            let found = try await store.conversation(before: third, limit: 10)
            #expect(found.turns.map(\.text) == ["other"] && found.total == 1)
            let follower = question("and now?", 5)
            _ = try await store.accept(NewQuestion(follower))
            let all = try await store.conversation(before: follower, limit: 10)
            #expect(all.turns.map(\.text) == ["other", "why?", "again"])
            let audit = try await store.recent(AuditFilter(question: second.id))
            #expect(audit.map(\.retryOf) == [first.id.text])
        }
    }
}
