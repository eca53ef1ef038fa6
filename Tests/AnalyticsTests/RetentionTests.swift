import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Retention", .timeLimit(.minutes(3)))
struct RetentionTests {
    @Test(
        "a week after its end a question keeps its text and audit row; its steps and message bodies are deleted",
        arguments: Backend.allCases)
    func week(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let old = try await ended(8, in: store)
            let fresh = try await ended(6, in: store)
            try await store.register(Samples.process)
            try await store.applyRetention()
            #expect(try await store.steps(of: old).isEmpty)
            #expect(try await store.steps(of: fresh).count == 1)
            #expect(try await store.posts(of: old).map(\.body) == [nil])
            #expect(try await store.posts(of: fresh).first?.body?["text"] == "so")
            #expect(try await store.question(old)?.answer != nil)
            #expect(try await store.count() == 2)
            #expect(try await store.liveProcesses() == [Samples.process])
        }
    }

    @Test(
        "repeated within a day, it looks at what has become old since; once a process, at all of it",
        arguments: Backend.allCases)
    func repeated(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let old = try await ended(12, in: store)
            let new = try await ended(8, in: store)
            try await store.applyRetention(isRepeated: true)
            #expect(try await store.steps(of: new).isEmpty)
            #expect(try await store.posts(of: new).map(\.body) == [nil])
            #expect(try await store.steps(of: old).count == 1)
            try await store.applyRetention()
            #expect(try await store.steps(of: old).isEmpty)
        }
    }

    private func ended(_ days: Double, in store: Store) async throws -> ULID {
        let time = Date(timeIntervalSinceNow: -86_400 * days)
        let question = Samples.question(thread: ULID().text, at: time)
        let claim = try #require(try await store.begin(question))
        try await store.append(.toolStarted(Samples.call("1")), to: question.id)
        let post = PostRow(question: question.id, part: 0, body: ["text": "so"])
        let finished = FinishedQuestion(question, outcome: Samples.answered(), finishedAt: time, posts: [post])
        #expect(try await store.finish(finished, claim))
        #expect(try await store.delivered(claim, lastPart: 0, ts: "1.5"))
        return question.id
    }
}
