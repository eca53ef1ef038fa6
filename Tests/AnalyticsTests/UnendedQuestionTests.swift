import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Questions that have not ended", .timeLimit(.minutes(3)))
struct UnendedQuestionTests {
    @Test("they are counted by state", arguments: Backend.allCases)
    func counted(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let now = Date()
            func question(_ number: Int) -> Question {
                Samples.question("\(number)?", thread: "T1:C1:\(number)", at: now.addingTimeInterval(Double(number)))
            }
            try await store.answer(question(0))
            _ = try #require(try await store.begin(question(1)))
            _ = try await store.accept(NewQuestion(question(2), origin: Samples.origin))
            _ = try await store.accept(NewQuestion(question(3), origin: Samples.origin))
            let counts = try await store.unendedCounts(within: .seconds(30))
            #expect(counts == [.working: 1, .received: 2])
        }
    }
}
