import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("A question that is stopped while the store is unavailable", .timeLimit(.minutes(5)))
struct StopSpoolTests {
    private static let request = StopRequest(.requested, by: "U1", email: "ada@example.com")
    private static let thread = "T1:C1:1.0"

    private static func new(_ text: String, at time: Date = Date()) -> NewQuestion {
        NewQuestion(Samples.question(text, thread: thread, at: time), originKey: text, origin: Samples.origin)
    }

    @Test("a stop that another process has stored is kept when the question returns", arguments: Backend.allCases)
    func kept(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let new = Self.new("first")
            _ = try await fixture.store.accept(new)
            let claim = try #require(try await fixture.store.work(on: new.question.id, until: .told))
            fixture.database.trouble = .away
            try await fixture.store.append(.toolStarted(Samples.call("call-1")), to: claim.id)
            let isStopped = try await fixture.inspect { try await $0.stop(claim.id, Self.request) }
            #expect(isStopped)
            #expect(try await fixture.store.release(claim))
            try await fixture.comeBack()
            let next = try #require(try await fixture.store.claim(claim.id, for: Samples.process))
            #expect(next.question.stop == Self.request)
            #expect(try await fixture.store.steps(of: claim.id).map(\.kind) == [.toolStarted])
        }
    }

    @Test("the thread has what this process works on, before it is in the spool", arguments: Backend.allCases)
    func listed(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let (store, now) = (fixture.store, Date())
            let first = Self.new("first", at: now)
            _ = try await store.accept(first)
            let claim = try #require(try await store.work(on: first.question.id, until: .told))
            fixture.database.trouble = .away
            #expect(try await store.unended(inThread: Self.thread).map(\.text) == ["first"])
            _ = try await store.accept(Self.new("second", at: now.addingTimeInterval(1)))
            #expect(try await store.unended(inThread: Self.thread).map(\.text) == ["first", "second"])
            await #expect(throws: StoreError.self) { try await store.unended(inThread: "T1:C1:2.0") }
            try await store.append(.toolStarted(Samples.call("call-1")), to: claim.id)
            #expect(try await store.unended(inThread: Self.thread).map(\.text) == ["first", "second"])
            #expect(try await store.finish(FinishedQuestion(first.question, outcome: .cancelled(Usage())), claim))
            #expect(try await store.unended(inThread: Self.thread).map(\.text) == ["second"])
        }
    }
}
