import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("A question that waits while the store is unavailable", .timeLimit(.minutes(5)))
struct WaitSpoolTests {
    private static let by = "ada@example.com"

    private static func new() -> NewQuestion {
        NewQuestion(Samples.question(), originKey: "k1", origin: Samples.origin)
    }

    private static func post(_ id: ULID) -> PostRow {
        PostRow(question: id, part: 1_000, channel: "C1", threadTS: "1.0", body: ["text": "Which one?"])
    }

    /// Suspends the question and sends its message.
    private static func suspend(_ claim: Claim, _ wait: Wait, _ store: Store) async throws {
        #expect(try await store.suspend(wait, claim, posts: [post(claim.id)]))
        #expect(try await store.delivered(claim, lastPart: 1_000, ts: "8.0"))
    }

    @Test("asked, suspended, answered and ended in the spool it is stored once", arguments: Backend.allCases)
    func whole(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let (store, new, wait) = (fixture.store, Self.new(), Samples.wait())
            let id = new.question.id
            fixture.database.trouble = .away
            _ = try await store.accept(new)
            let claim = try #require(try await store.claim(id, for: Samples.process, lease: .seconds(600)))
            try await Self.suspend(claim, wait, store)
            #expect(try await store.claimable().isEmpty)
            #expect(try await store.openWait(of: id)?.wait == wait)
            #expect(try await store.answer(.chosen("the shop", by: Self.by), to: wait.id, of: id) == .ended)
            let next = try #require(try await store.claim(id, for: Samples.process, lease: .seconds(600)))
            #expect(try await store.journal(of: id).count == 2)
            #expect(try await store.finish(FinishedQuestion(new.question, outcome: Samples.answered()), next))
            try await fixture.comeBack()
            try await fixture.inspect { plain in
                let row = try await plain.question(id)
                #expect(row?.state == .answered)
                #expect(try await plain.count() == 1)
                #expect(try await plain.steps(of: id).map(\.kind) == [.waiting, .waitEnded])
            }
        }
    }

    @Test("suspended in the spool it waits on in the store", arguments: Backend.allCases, [true, false])
    func moved(_ backend: Backend, _ isBorrowed: Bool) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let (store, new, wait) = (fixture.store, Self.new(), Samples.wait())
            let id = new.question.id
            fixture.database.trouble = isBorrowed ? nil : .away
            _ = try await store.accept(new)
            let claim = try #require(try await store.claim(id, for: Samples.process, lease: .seconds(600)))
            fixture.database.trouble = .away
            try await Self.suspend(claim, wait, store)
            try await fixture.comeBack()
            try await fixture.inspect { plain in
                let row = try #require(try await plain.question(id))
                #expect(row.state == .waiting && row.waitingFor == .elicitation && row.waitUntil == wait.expiresAt)
                #expect(row.attempts == 0 && !row.isUndelivered)
                #expect(try await plain.posts(of: id).map(\.ts) == ["8.0"])
                #expect(try await plain.claimable().isEmpty)
                #expect(try await plain.answer(.expired, to: wait.id, of: id) == .ended)
                #expect(try await plain.claimable() == [id])
                #expect(try await plain.steps(of: id).map(\.kind) == [.waiting, .waitEnded])
            }
        }
    }

    @Test("begun in the store and answered in the spool it goes on in the store", arguments: Backend.allCases)
    func borrowed(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let (store, new, wait) = (fixture.store, Self.new(), Samples.wait())
            let id = new.question.id
            _ = try await store.accept(new)
            let claim = try #require(try await store.work(on: id, until: .stepped))
            fixture.database.trouble = .away
            try await Self.suspend(claim, wait, store)
            #expect(try await store.answer(.chosen("the shop", by: Self.by), to: wait.id, of: id) == .ended)
            #expect(try await store.claim(id, for: Samples.process) == nil, "its first steps are in the store")
            try await fixture.comeBack()
            let next = try #require(try await store.claim(id, for: Samples.other, lease: .seconds(600)))
            #expect(next.question.attempts == 1)
            let kinds = try await store.steps(of: id).map(\.kind)
            #expect(kinds == [.toolStarted, .toolResult, .waiting, .waitEnded])
        }
    }

    @Test(
        "suspended in the store and delivered during the outage it waits on", arguments: Backend.allCases,
        [true, false])
    func delivered(_ backend: Backend, _ isClaimedAgain: Bool) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let (store, new, wait) = (fixture.store, Self.new(), Samples.wait())
            let id = new.question.id
            _ = try await store.accept(new)
            var claim = try #require(try await store.claim(id, for: Samples.process, lease: .seconds(600)))
            #expect(try await store.suspend(wait, claim, posts: [Self.post(id)]))
            if isClaimedAgain {
                #expect(try await store.release(claim))
                claim = try #require(try await store.claim(id, for: Samples.process, lease: .seconds(600)))
                #expect(try await store.posts(of: id).count == 1)
            }
            fixture.database.trouble = .away
            #expect(try await store.delivered(claim, lastPart: 1_000, ts: "8.0"))
            let error = await #expect(throws: StoreError.self) {
                _ = try await store.answer(.expired, to: wait.id, of: id)
            }
            #expect(error?.code == .unavailable)
            try await fixture.comeBack()
            let row = try #require(try await store.question(id))
            #expect(row.state == .waiting && row.waitingFor == .elicitation && row.waitUntil == wait.expiresAt)
            #expect(row.attempts == 0 && !row.isUndelivered)
            #expect(try await store.posts(of: id).map(\.ts) == ["8.0"])
            #expect(try await store.answer(.expired, to: wait.id, of: id) == .ended)
        }
    }

    @Test("an answer in another process during this one's outage counts", arguments: Backend.allCases)
    func answeredElsewhere(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let (store, new, wait) = (fixture.store, Self.new(), Samples.wait())
            let id = new.question.id
            _ = try await store.accept(new)
            let claim = try #require(try await store.claim(id, for: Samples.process, lease: .seconds(600)))
            #expect(try await store.suspend(wait, claim, posts: [Self.post(id)]))
            fixture.database.trouble = .away
            #expect(try await store.delivered(claim, lastPart: 1_000, ts: "8.0"))
            let end = try await fixture.inspect { try await $0.answer(.expired, to: wait.id, of: id) }
            #expect(end == .ended)
            try await fixture.comeBack()
            let row = try #require(try await store.question(id))
            #expect(row.state == .received && !row.isUndelivered)
            #expect(try await store.posts(of: id).map(\.state) == [.sent])
            #expect(try await store.claim(id, for: Samples.other) != nil)
        }
    }

    @Test("a question that is released during an outage keeps the steps made in it", arguments: Backend.allCases)
    func released(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let (store, new) = (fixture.store, Self.new())
            _ = try await store.accept(new)
            let claim = try #require(try await store.work(on: new.question.id, until: .told))
            fixture.database.trouble = .away
            try await store.append(.toolStarted(Samples.call("call-1")), to: claim.id)
            #expect(try await store.release(claim))
            try await fixture.comeBack()
            #expect(try await store.steps(of: claim.id).map(\.kind) == [.toolStarted])
            #expect(try await store.claim(claim.id, for: Samples.other)?.question.attempts == 1)
        }
    }
}
