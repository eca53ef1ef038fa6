import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Tidying the record", .timeLimit(.minutes(3)))
struct TidyingTests {
    @Test(
        "a week after its end a question keeps its text and audit row; its steps and message bodies go",
        arguments: Backend.allCases)
    func week(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let old = try await ended(8, in: record)
            let fresh = try await ended(6, in: record)
            try await record.register(Samples.process)
            try await record.tidy()
            #expect(try await record.steps(of: old).isEmpty)
            #expect(try await record.steps(of: fresh).count == 1)
            #expect(try await record.posts(of: old).map(\.body) == [nil])
            #expect(try await record.posts(of: fresh).first?.body?["text"] == "so")
            #expect(try await record.question(old)?.answer != nil)
            #expect(try await record.count() == 2)
            #expect(try await record.liveProcesses() == [Samples.process])
        }
    }

    private func ended(_ days: Double, in record: Record) async throws -> ULID {
        let time = Date(timeIntervalSinceNow: -86_400 * days)
        let question = Samples.question(thread: ULID().text, at: time)
        let claim = try #require(try await record.begin(question))
        try await record.append(.toolStarted(Samples.call("1")), to: question.id)
        let post = PostRow(question: question.id, part: 0, body: ["text": "so"])
        let finished = FinishedQuestion(question, ending: Samples.answered(), finishedAt: time, posts: [post])
        #expect(try await record.finish(finished, claim))
        #expect(try await record.delivered(claim, lastPart: 0, ts: "1.5"))
        return question.id
    }
}
