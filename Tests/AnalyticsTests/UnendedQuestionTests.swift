import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Questions that have not ended", .timeLimit(.minutes(3)))
struct UnendedQuestionTests {
    @Test("a user's own are listed, oldest first; all are counted by state", arguments: Backend.allCases)
    func listed(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let now = Date()
            func question(_ number: Int) -> Question {
                Samples.question("\(number)?", thread: "T1:C1:\(number)", at: now.addingTimeInterval(Double(number)))
            }
            try await store.answer(question(0))
            _ = try #require(try await store.begin(question(1)))
            _ = try await store.accept(NewQuestion(question(2), origin: Samples.origin))
            var other = Samples.origin
            other.userID = "U2"
            _ = try await store.accept(NewQuestion(question(3), origin: other))
            #expect(try await store.unended(askedBy: "U1", team: "T1").map(\.text) == ["1?", "2?"])
            #expect(try await store.unended(askedBy: "U1", team: "T2").isEmpty)
            let counts = try await store.unendedCounts(within: .seconds(30))
            #expect(counts == [.working: 1, .received: 2])
        }
    }
}
