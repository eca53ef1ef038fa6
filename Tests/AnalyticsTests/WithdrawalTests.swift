import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Withdrawing a question whose turn did not come", .timeLimit(.minutes(3)))
struct WithdrawalTests {
    private static func late(_ question: Question) -> FinishedQuestion {
        let failure = Failure(
            error: BridgeError(.deadline, "Its turn did not come."), errorID: question.id.errorID, usage: Usage())
        return FinishedQuestion(question, origin: Samples.origin, outcome: .failed(failure))
    }

    @Test("it ends with one audit row and blocks no other; the one before it continues", arguments: Backend.allCases)
    func behindAnother(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let now = Date()
            let questions = (0..<3).map { Samples.question("\($0)?", at: now.addingTimeInterval(Double($0))) }
            let first = try #require(try await store.begin(questions[0]))
            for question in questions.dropFirst() {
                _ = try await store.accept(NewQuestion(question, originKey: question.text))
                #expect(try await store.claim(question.id, for: Samples.process) == nil)
            }
            #expect(try await store.withdraw(Self.late(questions[1]), by: Samples.process))
            #expect(try await store.withdraw(Self.late(questions[1]), by: Samples.process), "it is over")
            let row = try #require(try await store.question(questions[1].id))
            #expect(row.state == .failed && row.wasWithdrawn && row.finishedAt != nil && !row.isUndelivered)
            let audit = try await store.recent()
            #expect(audit.map(\.questionID) == [questions[1].id.text])
            #expect(audit.first?.errorCode == ErrorCode.deadline.rawValue)
            #expect(try await store.finish(FinishedQuestion(questions[0], outcome: Samples.answered()), first))
            #expect(try await store.question(questions[0].id)?.wasWithdrawn == false)
            #expect(try await store.claim(questions[1].id, for: Samples.process) == nil)
            #expect(try await store.claim(questions[2].id, for: Samples.process) != nil)
        }
    }

    @Test("a question that a process has claimed is not withdrawn", arguments: Backend.allCases)
    func held(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            #expect(try await !store.withdraw(Self.late(question), by: Samples.other))
            #expect(try await store.question(question.id)?.state == .working)
            #expect(try await store.count() == 0)
            #expect(try await store.finish(FinishedQuestion(question, outcome: Samples.answered()), claim))
            #expect(try await store.withdraw(Self.late(question), by: Samples.other), "it is over")
            #expect(try await store.count() == 1)
        }
    }

    @Test("a spooled question is withdrawn there, and stored once the store is back", arguments: Backend.allCases)
    func inSpool(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let question = Samples.question()
            _ = try await fixture.store.accept(NewQuestion(question, originKey: "k1", origin: Samples.origin))
            #expect(try await fixture.store.withdraw(Self.late(question), by: Samples.process))
            try await fixture.comeBack()
            try await fixture.inspect { plain in
                let row = try await plain.question(question.id)
                #expect(row?.state == .failed && row?.wasWithdrawn == true)
                #expect(try await plain.recent().map(\.questionID) == [question.id.text])
            }
        }
    }
}
