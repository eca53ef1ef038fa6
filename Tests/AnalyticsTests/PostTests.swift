import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("What is noted of a message", .timeLimit(.minutes(3)))
struct PostTests {
    @Test(
        "a message that was not sent after all counts as never tried, so that a restart sends it",
        arguments: Backend.allCases)
    func notSent(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let question = Samples.question()
            let claim = try #require(try await record.begin(question))
            let whisper = PostRow(question: question.id, part: 0, kind: .whisper, body: ["text": "no"])
            let finished = FinishedQuestion(question, ending: Samples.answered(), posts: [whisper])
            #expect(try await record.finish(finished, claim))
            func attempts() async throws -> [Int] { try await record.posts(of: question.id).map(\.attempts) }
            #expect(try await !record.forgetAttempt(claim, part: 0), "there was none")
            #expect(try await attempts() == [0])
            #expect(try await record.attempt(claim, part: 0))
            #expect(try await attempts() == [1])
            #expect(try await record.forgetAttempt(claim, part: 0))
            #expect(try await attempts() == [0])
            #expect(try await record.attempt(claim, part: 0))
            #expect(try await record.release(claim))
            let next = try #require(try await record.claim(question.id, for: Samples.other))
            #expect(try await !record.forgetAttempt(claim, part: 0), "it is another's")
            #expect(try await attempts() == [1])
            #expect(try await record.forgetAttempt(next, part: 0))
        }
    }

    @Test(
        "an attempt that is taken back in the store is none in the spool either, when the store goes away after it",
        arguments: Backend.allCases)
    func thenAway(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let new = NewQuestion(Samples.question(), origin: Samples.origin)
            _ = try await world.record.accept(new)
            let claim = try #require(try await world.record.work(on: new.question.id, until: .claimed))
            let whisper = PostRow(question: new.question.id, part: 0, kind: .whisper, body: ["text": "no"])
            let finished = FinishedQuestion(new.question, ending: Samples.answered(), posts: [whisper])
            #expect(try await world.record.finish(finished, claim))
            #expect(try await world.record.attempt(claim, part: 0))
            #expect(try await world.record.forgetAttempt(claim, part: 0))
            world.store.trouble = .away
            #expect(try await world.record.posts(of: new.question.id).map(\.attempts) == [0])
            #expect(try await world.record.delivered(claim, lastPart: 0, ts: nil))
            try await world.comeBack()
        }
    }
}
