import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("A question in the spool that the store may also have accepted", .timeLimit(.minutes(5)))
struct UnsureQuestionTests {
    /// A question that the store accepted after the timeout, so that it is in the spool as well.
    private static func unsure(_ fixture: SpoolFixture) async throws -> NewQuestion {
        let new = NewQuestion(Samples.question(), originKey: "\(ULID())", origin: Samples.origin)
        fixture.database.trouble = .answersTooLate
        #expect(try await fixture.store.accept(new) == .accepted(new.question.id))
        #expect(fixture.store.isAway)
        #expect(fixture.store.status?.spooled == 1)
        return new
    }

    @Test("it is one question, and another process that finds it in the store answers it", arguments: Backend.allCases)
    func elsewhere(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let id = try await Self.unsure(fixture).question.id
            let other = try await fixture.inspect { try await $0.work(on: id, for: Samples.other) }
            #expect(other != nil)
            #expect(try await fixture.store.claim(id, for: Samples.process) == nil)
            try await fixture.comeBack()
            #expect(try await fixture.store.claim(id, for: Samples.process) == nil)
            #expect(fixture.files.isEmpty)
            try await fixture.inspect { plain in
                try await plain.expectWhole(id)
                #expect(try await plain.recent().count == 1)
            }
        }
    }

    @Test(
        "it is not worked on from the spool, but from the store as soon as that is used again",
        arguments: Backend.allCases)
    func here(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let id = try await Self.unsure(fixture).question.id
            #expect(try await fixture.store.claim(id, for: Samples.process) == nil)
            #expect(try await fixture.store.claim(id, for: Samples.process) == nil, "nor the next time")
            try await fixture.comeBack()
            #expect(try await fixture.store.work(on: id) != nil)
            try await fixture.inspect { plain in
                try await plain.expectWhole(id)
                #expect(try await plain.recent().count == 1)
            }
        }
    }

    @Test("a later question of its thread waits for it", arguments: Backend.allCases)
    func order(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let first = try await Self.unsure(fixture).question
            #expect(try await fixture.store.claim(first.id, for: Samples.process) == nil)
            let second = NewQuestion(
                Samples.question(at: first.askedAt.addingTimeInterval(1)), origin: Samples.origin)
            _ = try await fixture.store.accept(second)
            #expect(try await fixture.store.claim(second.question.id, for: Samples.process) == nil)
            try await fixture.comeBack()
            #expect(try await fixture.store.work(on: first.id) != nil)
            #expect(try await fixture.store.work(on: second.question.id) != nil)
        }
    }

    @Test("when the store becomes unavailable it is worked on from the spool", arguments: Backend.allCases)
    func away(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            let id = try await Self.unsure(fixture).question.id
            fixture.database.trouble = .away
            #expect(try await fixture.store.work(on: id) != nil)
            try await fixture.comeBack()
            try await fixture.inspect { plain in
                try await plain.expectWhole(id)
                #expect(try await plain.recent().count == 1)
            }
        }
    }
}
