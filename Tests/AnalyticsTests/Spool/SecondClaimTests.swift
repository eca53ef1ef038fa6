import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("A question claimed for the second time when the store becomes unavailable", .timeLimit(.minutes(5)))
struct SecondClaimTests {
    private static func new(thread: String = "T1:C1:1.0") -> NewQuestion {
        NewQuestion(
            Samples.question(thread: thread), originKey: "\(ULID())", origin: Samples.origin,
            context: ["way": "mention"])
    }

    /// A question worked on to that stage, released, and claimed by another process.
    private static func claimedAgain(_ fixture: SpoolFixture, after stage: Store.Stage) async throws -> Claim {
        let new = new()
        _ = try await fixture.store.accept(new)
        let first = try #require(try await fixture.store.work(on: new.question.id, until: stage))
        #expect(try await fixture.store.release(first))
        return try #require(
            try await fixture.store.claim(new.question.id, for: Samples.other, lease: .seconds(600)))
    }

    @Test("an undelivered answer is not discarded", arguments: Backend.allCases)
    func unsaid(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let claim = try await Self.claimedAgain(fixture, after: .finished)
            fixture.database.trouble = .away
            await #expect(throws: StoreError.self) { try await fixture.store.posts(of: claim.id) }
            await #expect(throws: StoreError.self) { try await fixture.store.delivered(claim) }
            _ = try? await fixture.store.release(claim)
            try await fixture.comeBack()
            _ = try await fixture.store.renewLeases(of: Samples.other)
            let row = try #require(try await fixture.inspect { try await $0.question(claim.id) })
            #expect(row.state == .answered && row.isUndelivered)
            let posts = try await fixture.inspect { try await $0.posts(of: claim.id) }
            #expect(posts.map(\.ts) == ["7.0"] && posts.first?.body?["text"] == "Because.")
            #expect(try await fixture.store.claim(claim.id, for: Samples.process) != nil)
        }
    }

    @Test("the messages sent under an earlier claim stay known", arguments: Backend.allCases)
    func progress(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let claim = try await Self.claimedAgain(fixture, after: .told)
            fixture.database.trouble = .away
            await #expect(throws: StoreError.self) {
                try await fixture.store.locate(claim, Samples.question(), origin: claim.question.origin)
            }
            _ = try? await fixture.store.release(claim)
            try await fixture.comeBack()
            let posts = try await fixture.inspect { try await $0.posts(of: claim.id) }
            #expect(posts.map(\.ts) == ["7.0"] && posts.map(\.state) == [.sent])
        }
    }

    @Test("its journal is an error, not empty, so that no write is repeated", arguments: Backend.allCases)
    func journal(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let claim = try await Self.claimedAgain(fixture, after: .stepped)
            #expect(try await fixture.store.journal(of: claim.id).count == 2)
            fixture.database.trouble = .away
            await #expect(throws: StoreError.self) { try await fixture.store.journal(of: claim.id) }
        }
    }

    @Test("it continues in the spool once the messages of the earlier claim are read", arguments: Backend.allCases)
    func known(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let claim = try await Self.claimedAgain(fixture, after: .stepped)
            #expect(try await fixture.store.posts(of: claim.id).map(\.ts) == ["7.0"])
            fixture.database.trouble = .away
            let call = Samples.call("call-1")
            var post = PostRow(question: claim.id, part: 0, channel: "C1", threadTS: "1.0", body: ["text": "Because."])
            post.ts = "7.0"
            let row = claim.question
            let question = Question(
                id: row.id, asker: Samples.asker, text: row.text, place: row.place, threadKey: row.threadKey,
                askedAt: row.askedAt)
            let finished = FinishedQuestion(
                question, origin: row.origin, outcome: Samples.answered(calls: [call]), posts: [post])
            #expect(try await fixture.store.finish(finished, claim))
            #expect(try await fixture.store.delivered(claim, lastPart: 0, ts: "7.0"))
            try await fixture.comeBack()
            try await fixture.inspect { try await $0.expectWhole(claim.id) }
        }
    }

    @Test("a question that its process has stopped working on is claimed by another", arguments: Backend.allCases)
    func dropped(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let new = Self.new()
            _ = try await fixture.store.accept(new)
            let claim = try #require(
                try await fixture.store.claim(new.question.id, for: Samples.process, lease: .milliseconds(50)))
            fixture.store.lapse(claim)
            try await eventually("its lease is over, although its process renews") {
                let held = try await fixture.store.renewLeases(of: Samples.process).held
                #expect(!held.contains(claim.id))
                return try await fixture.store.claim(claim.id, for: Samples.other) != nil
            }
            #expect(try await fixture.store.question(claim.id)?.attempts == 2, "the attempt counts")
        }
    }

    @Test("a spooled question whose claim was cancelled can be claimed", arguments: Backend.allCases)
    func brokenOff(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let new = Self.new()
            _ = try await fixture.store.accept(new)
            let broken = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await fixture.store.claim(new.question.id, for: Samples.process)
            }
            _ = try? await broken.value
            #expect(try await fixture.store.claim(new.question.id, for: Samples.process) != nil)
        }
    }

    @Test("no question is lost while the empty spool is removed", arguments: Backend.allCases)
    func removal(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let spool = try #require(fixture.store.spool)
            let news = (0..<24).map { Self.new(thread: "T1:C1:\($0)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for new in news {
                    group.addTask { _ = try await fixture.store.accept(new) }
                    group.addTask { await spool.file.remove { spool.state.withLockedValue { $0.questions.isEmpty } } }
                }
                try await group.waitForAll()
            }
            let claimable = try await fixture.store.claimable()
            #expect(Set(claimable) == Set(news.map(\.question.id)))
        }
    }

    @Test("a process without a claim stores no step", arguments: Backend.allCases)
    func strangersStep(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let new = Self.new()
            _ = try await fixture.store.accept(new)
            await #expect(throws: StoreError.self) {
                try await fixture.store.append(.toolStarted(Samples.call("call-1")), to: new.question.id)
            }
        }
    }
}
