import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The recorded state of a message", .timeLimit(.minutes(3)))
struct PostTests {
    @Test(
        "a message that was not sent counts as not attempted, so that a restart sends it",
        arguments: Backend.allCases)
    func notSent(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            let ephemeral = PostRow(question: question.id, part: 0, kind: .ephemeral, body: ["text": "no"])
            let finished = FinishedQuestion(question, outcome: Samples.answered(), posts: [ephemeral])
            #expect(try await store.finish(finished, claim))
            func attempts() async throws -> [Int] { try await store.posts(of: question.id).map(\.attempts) }
            #expect(try await !store.forgetAttempt(claim, part: 0), "there was none")
            #expect(try await attempts() == [0])
            #expect(try await store.attempt(claim, part: 0))
            #expect(try await attempts() == [1])
            #expect(try await store.forgetAttempt(claim, part: 0))
            #expect(try await attempts() == [0])
            #expect(try await store.attempt(claim, part: 0))
            #expect(try await store.release(claim))
            let next = try #require(try await store.claim(question.id, for: Samples.other))
            #expect(try await !store.forgetAttempt(claim, part: 0), "it is another's")
            #expect(try await attempts() == [1])
            #expect(try await store.forgetAttempt(next, part: 0))
        }
    }

    @Test(
        "an answer for the asker alone in place of a progress message that was planned only is sent after a restart",
        arguments: Backend.allCases)
    func inPlaceOfProgress(_ backend: Backend) async throws {
        try await backend.withStore { store in
            for (kind, state) in [(PostRow.Kind.ephemeral, PostRow.State.planned), (.answer, .unknown)] {
                let question = Samples.question(thread: ULID().text)
                let claim = try #require(try await store.begin(question))
                let progress = PostRow(question: question.id, part: 0, kind: .progress, body: ["text": "thinking"])
                _ = try await store.locate(claim, question, origin: Samples.origin, planning: [progress])
                let answer = PostRow(question: question.id, part: 0, kind: kind, body: ["text": "so"])
                let finished = FinishedQuestion(question, outcome: Samples.answered(), posts: [answer])
                #expect(try await store.finish(finished, claim))
                let posts = try await store.posts(of: question.id)
                #expect(posts.map(\.kind) == [kind] && posts.map(\.state) == [state])
            }
        }
    }

    @Test("a post that is planned while the answer is made is beside the others, once", arguments: Backend.allCases)
    func plannedLater(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            let progress = PostRow(question: question.id, part: 0, kind: .progress, body: ["text": "first"])
            let next = PostRow(question: question.id, part: 1, kind: .progress, body: ["text": "next"])
            _ = try await store.locate(claim, question, origin: Samples.origin, planning: [progress])
            #expect(try await store.plan(claim, next))
            #expect(try await store.sent(claim, part: 1, ts: "2.0"))
            #expect(try await store.plan(claim, next))
            let posts = try await store.posts(of: question.id)
            #expect(posts.map(\.part) == [0, 1] && posts.map(\.ts) == [nil, "2.0"])
            #expect(posts.allSatisfy { $0.epoch == claim.epoch })
            #expect(try await store.release(claim))
            _ = try #require(try await store.claim(question.id, for: Samples.other))
            #expect(try await !store.plan(claim, PostRow(question: question.id, part: 2)), "it is another's")
        }
    }

    @Test(
        "an attempt removed in the store is not in the spool either, when the store becomes unavailable after it",
        arguments: Backend.allCases)
    func thenAway(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let new = NewQuestion(Samples.question(), origin: Samples.origin)
            _ = try await fixture.store.accept(new)
            let claim = try #require(try await fixture.store.work(on: new.question.id, until: .claimed))
            let ephemeral = PostRow(question: new.question.id, part: 0, kind: .ephemeral, body: ["text": "no"])
            let finished = FinishedQuestion(new.question, outcome: Samples.answered(), posts: [ephemeral])
            #expect(try await fixture.store.finish(finished, claim))
            #expect(try await fixture.store.attempt(claim, part: 0))
            #expect(try await fixture.store.forgetAttempt(claim, part: 0))
            fixture.database.trouble = .away
            #expect(try await fixture.store.posts(of: new.question.id).map(\.attempts) == [0])
            #expect(try await fixture.store.delivered(claim, lastPart: 0, ts: nil))
            try await fixture.comeBack()
        }
    }
}
