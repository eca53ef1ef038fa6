import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("A question whose turn did not come", .timeLimit(.minutes(3)))
struct WithdrawalTests {
    private static func late(_ question: Question) -> FinishedQuestion {
        let failure = Failure(
            error: BridgeError(.deadline, "Its turn did not come."), errorID: question.id.errorID, usage: Usage())
        return FinishedQuestion(question, origin: Samples.origin, ending: .failed(failure))
    }

    @Test("it ends with one audit row and holds up nobody; the one before it goes on", arguments: Backend.allCases)
    func behindAnother(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let now = Date()
            let questions = (0..<3).map { Samples.question("\($0)?", at: now.addingTimeInterval(Double($0))) }
            let first = try #require(try await record.begin(questions[0]))
            for question in questions.dropFirst() {
                _ = try await record.accept(NewQuestion(question, originKey: question.text))
                #expect(try await record.claim(question.id, for: Samples.process) == nil)
            }
            #expect(try await record.withdraw(Self.late(questions[1]), by: Samples.process))
            #expect(try await record.withdraw(Self.late(questions[1]), by: Samples.process), "it is over")
            let row = try #require(try await record.question(questions[1].id))
            #expect(row.state == .failed && row.wasWithdrawn && row.finishedAt != nil && !row.isUndelivered)
            let audit = try await record.recent()
            #expect(audit.map(\.questionID) == [questions[1].id.text])
            #expect(audit.first?.errorCode == ErrorCode.deadline.rawValue)
            #expect(try await record.finish(FinishedQuestion(questions[0], ending: Samples.answered()), first))
            #expect(try await record.question(questions[0].id)?.wasWithdrawn == false)
            #expect(try await record.claim(questions[1].id, for: Samples.process) == nil)
            #expect(try await record.claim(questions[2].id, for: Samples.process) != nil)
        }
    }

    @Test("what a process has claimed is not ended under it", arguments: Backend.allCases)
    func held(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let question = Samples.question()
            let claim = try #require(try await record.begin(question))
            #expect(try await !record.withdraw(Self.late(question), by: Samples.other))
            #expect(try await record.question(question.id)?.state == .working)
            #expect(try await record.count() == 0)
            #expect(try await record.finish(FinishedQuestion(question, ending: Samples.answered()), claim))
            #expect(try await record.withdraw(Self.late(question), by: Samples.other), "it is over")
            #expect(try await record.count() == 1)
        }
    }

    @Test("what is kept in the spool ends there, and is in the store once it is back", arguments: Backend.allCases)
    func inSpool(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            world.store.trouble = .away
            let question = Samples.question()
            _ = try await world.record.accept(NewQuestion(question, originKey: "k1", origin: Samples.origin))
            #expect(try await world.record.withdraw(Self.late(question), by: Samples.process))
            try await world.comeBack()
            try await world.inspect { plain in
                let row = try await plain.question(question.id)
                #expect(row?.state == .failed && row?.wasWithdrawn == true)
                #expect(try await plain.recent().map(\.questionID) == [question.id.text])
            }
        }
    }
}
