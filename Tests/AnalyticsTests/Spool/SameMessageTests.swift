import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("A message that is accepted twice around an outage of the store", .timeLimit(.minutes(5)))
struct SameMessageTests {
    private static func new(at time: Date = Date()) -> NewQuestion {
        NewQuestion(
            Samples.question("why?", thread: "T1:C1:1.0", at: time), originKey: "T1:C1:1.0:1.0",
            origin: Samples.origin)
    }

    /// The last probe of the store was successful, and the next one is not made yet.
    private static func answerOneProbe(_ store: Store) throws {
        let spool = try #require(store.spool)
        #expect(spool.isAway && !spool.isAnswering)
        #expect(spool.state.withLockedValue { $0.availability.answered() } == false)
        #expect(spool.isAway && spool.isAnswering)
    }

    @Test(
        "at the same time by one process, first into the spool: it is one question", arguments: Backend.allCases)
    func atOnce(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .failsAfterAnother
            let (store, ids) = (fixture.store, [Self.new(), Self.new()])
            let results = try await withThrowingTaskGroup(of: AcceptResult.self) { group in
                for new in ids { group.addTask { try await store.accept(new) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let accepted = results.compactMap { if case .accepted(let id) = $0 { id } else { nil } }
            #expect(accepted.count == 1)
            #expect(results.contains(.duplicate(try #require(accepted.first))))
            try await fixture.comeBack()
            #expect(try await fixture.inspect { try await $0.claimable() } == accepted)
        }
    }

    @Test(
        "by another process that uses the store again first: the store's question is answered",
        arguments: Backend.allCases)
    func otherFirst(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let (ours, theirs) = (Self.new(), Self.new())
            _ = try await fixture.store.accept(ours)
            fixture.database.trouble = nil
            _ = try await fixture.inspect { try await $0.accept(theirs) }
            try Self.answerOneProbe(fixture.store)
            #expect(try await fixture.store.claim(ours.question.id, for: Samples.process) == nil)
            try await fixture.comeBack()
            #expect(try await fixture.store.claimable() == [theirs.question.id])
            _ = try await fixture.store.work(on: theirs.question.id)
            try await fixture.inspect { plain in
                try await plain.expectWhole(theirs.question.id)
                #expect(try await plain.recent().count == 1)
            }
        }
    }

    @Test(
        "by another process that uses the store again later: it finds this process's question",
        arguments: Backend.allCases)
    func otherLater(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let ours = Self.new()
            _ = try await fixture.store.accept(ours)
            fixture.database.trouble = nil
            try Self.answerOneProbe(fixture.store)
            #expect(try await fixture.store.claim(ours.question.id, for: Samples.process) == nil)
            let result = try await fixture.inspect { try await $0.accept(Self.new()) }
            #expect(result == .duplicate(ours.question.id))
            try await fixture.comeBack()
            #expect(try await fixture.store.work(on: ours.question.id) != nil)
            try await fixture.inspect { try await $0.expectWhole(ours.question.id) }
        }
    }

    @Test("when the store fails again after one probe it is answered from the spool", arguments: Backend.allCases)
    func failsAgain(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let ours = Self.new()
            _ = try await fixture.store.accept(ours)
            try Self.answerOneProbe(fixture.store)
            #expect(try await fixture.store.work(on: ours.question.id) != nil)
            try await fixture.comeBack()
            try await fixture.inspect { try await $0.expectWhole(ours.question.id) }
        }
    }

    @Test(
        "taken by the store, which fails again before this process uses it: it is answered from the spool, once",
        arguments: Backend.allCases)
    func failsLater(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            let ours = Self.new()
            _ = try await fixture.store.accept(ours)
            fixture.database.trouble = nil
            try Self.answerOneProbe(fixture.store)
            #expect(try await fixture.store.claim(ours.question.id, for: Samples.process) == nil)
            fixture.database.trouble = .away
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await fixture.store.watchStore() }
                try await eventually("a probe has failed") { fixture.store.spool?.isAnswering == false }
                group.cancelAll()
            }
            #expect(try await fixture.store.work(on: ours.question.id) != nil)
            try await fixture.comeBack()
            try await fixture.inspect { plain in
                try await plain.expectWhole(ours.question.id)
                #expect(try await plain.recent().count == 1)
            }
        }
    }

    @Test(
        "begun in the spool of a process that is killed: it is stopped, its messages are known, the other is answered",
        arguments: Backend.allCases)
    func killed(_ backend: Backend) async throws {
        try await SpoolFixture.run(backend) { fixture in
            fixture.database.trouble = .away
            // Of questions of the same time the one with the smaller id comes first.
            let (ours, theirs) = (Self.new(), Self.new(at: Date().addingTimeInterval(1)))
            _ = try await fixture.store.accept(ours)
            _ = try await fixture.store.work(on: ours.question.id, until: .stepped)
            await fixture.store.close()
            _ = try await fixture.inspect { try await $0.accept(theirs) }
            let (next, _) = try await fixture.successor()
            let claim = try #require(try await next.claim(ours.question.id, for: Samples.other))
            #expect(claim.question.stop?.reason == .doubled)
            #expect(claim.question.stop?.email == ours.question.asker.email)
            #expect(try await next.posts(of: ours.question.id).first?.ts == "7.0")
            #expect(try await next.finish(FinishedQuestion(ours.question, outcome: .cancelled(Usage())), claim))
            #expect(try await next.work(on: theirs.question.id, for: Samples.other) != nil)
            await next.close()
            try await fixture.inspect { plain in
                try await plain.expectWhole(theirs.question.id)
                #expect(Set(try await plain.recent().map(\.status)) == [.warning, .success])
            }
        }
    }
}
