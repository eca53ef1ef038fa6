import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("A question that the store may have taken, and the spool has", .timeLimit(.minutes(5)))
struct UnsureQuestionTests {
    /// Taken in by the store, which answered too late, and so by the spool as well.
    private static func unsure(_ world: SpoolWorld) async throws -> NewQuestion {
        let new = NewQuestion(Samples.question(), originKey: "\(ULID())", origin: Samples.origin)
        world.store.trouble = .answersTooLate
        #expect(try await world.record.accept(new) == .accepted(new.question.id))
        #expect(world.record.isAway)
        #expect(world.record.store?.spooled == 1)
        return new
    }

    @Test("it is one question, and another process that found it in the store answers it", arguments: Backend.allCases)
    func elsewhere(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let id = try await Self.unsure(world).question.id
            let other = try await world.inspect { try await $0.work(on: id, for: Samples.other) }
            #expect(other != nil)
            #expect(try await world.record.claim(id, for: Samples.process) == nil)
            try await world.comeBack()
            #expect(try await world.record.claim(id, for: Samples.process) == nil)
            #expect(world.files.isEmpty)
            try await world.inspect { plain in
                try await plain.expectWhole(id)
                #expect(try await plain.recent().count == 1)
            }
        }
    }

    @Test(
        "it is not worked on from the spool, but from the store as soon as that is used again",
        arguments: Backend.allCases)
    func here(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let id = try await Self.unsure(world).question.id
            #expect(try await world.record.claim(id, for: Samples.process) == nil)
            #expect(try await world.record.claim(id, for: Samples.process) == nil, "nor the next time")
            try await world.comeBack()
            #expect(try await world.record.work(on: id) != nil)
            try await world.inspect { plain in
                try await plain.expectWhole(id)
                #expect(try await plain.recent().count == 1)
            }
        }
    }

    @Test("a later question of its thread waits for it", arguments: Backend.allCases)
    func order(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let first = try await Self.unsure(world).question
            #expect(try await world.record.claim(first.id, for: Samples.process) == nil)
            let second = NewQuestion(
                Samples.question(at: first.askedAt.addingTimeInterval(1)), origin: Samples.origin)
            _ = try await world.record.accept(second)
            #expect(try await world.record.claim(second.question.id, for: Samples.process) == nil)
            try await world.comeBack()
            #expect(try await world.record.work(on: first.id) != nil)
            #expect(try await world.record.work(on: second.question.id) != nil)
        }
    }

    @Test("when the store stays away it is worked on from the spool", arguments: Backend.allCases)
    func away(_ backend: Backend) async throws {
        try await SpoolWorld.run(backend) { world in
            let id = try await Self.unsure(world).question.id
            world.store.trouble = .away
            #expect(try await world.record.work(on: id) != nil)
            try await world.comeBack()
            try await world.inspect { plain in
                try await plain.expectWhole(id)
                #expect(try await plain.recent().count == 1)
            }
        }
    }
}
