import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("A question that is stopped", .timeLimit(.minutes(3)))
struct StopTests {
    private static let request = StopRequest(.edited, by: "U1", email: "ada@example.com")

    @Test(
        "its owner finds the first request with the next renewal, and an ended one cannot be stopped",
        arguments: Backend.allCases)
    func owner(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let question = Samples.question()
            let claim = try #require(try await stores[0].begin(question))
            #expect(try await stores[0].renewLeases(of: Samples.process).stops.isEmpty)
            #expect(try await stores[1].stop(question.id, Self.request))
            #expect(try await stores[1].stop(question.id, StopRequest(.requested, by: "U2", email: "")))
            let renewed = try await stores[0].renewLeases(of: Samples.process, lease: .seconds(600))
            #expect(renewed.held == [question.id] && renewed.stops == [question.id: Self.request])
            #expect(try await stores[0].finish(FinishedQuestion(question, outcome: .cancelled(Usage())), claim))
            #expect(try await !stores[1].stop(question.id, Self.request))
            #expect(try await !stores[1].stop(ULID(), Self.request))
            #expect(try await stores[1].question(question.id)?.state == .cancelled)
        }
    }

    @Test("one that waits is claimed then, and its wait has ended as cancelled", arguments: Backend.allCases)
    func waiting(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            let wait = Samples.wait()
            #expect(try await store.suspend(wait, claim, posts: []))
            #expect(try await store.claimable().isEmpty)
            #expect(try await store.stop(question.id, Self.request))
            let next = try #require(try await store.claim(question.id, for: Samples.other, lease: .seconds(600)))
            #expect(next.question.state == .working && next.question.stop == Self.request)
            let ended = try await store.journal(of: question.id).contains { step in
                if case .waitEnded(wait.id, .cancelled(by: Self.request.email)) = step { true } else { false }
            }
            #expect(ended)
        }
    }

    @Test("a stop does not end the lease of an owner that may go on in its spool", arguments: Backend.allCases)
    func lease(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let question = Samples.question()
            _ = try await stores[0].accept(NewQuestion(question, origin: Samples.origin))
            _ = try #require(
                try await stores[0].claim(question.id, for: Samples.process, lease: .milliseconds(1)))
            try await eventually("its lease has run out") { try await stores[1].claimable() == [question.id] }
            #expect(try await stores[1].stop(question.id, Self.request))
            let renewed = try await stores[0].renewLeases(of: Samples.process, lease: .seconds(600))
            #expect(renewed.held == [question.id] && renewed.stops == [question.id: Self.request])
        }
    }

    @Test("one that is stopped before it begins to wait does not wait", arguments: Backend.allCases, [true, false])
    func beforeTheWait(_ backend: Backend, _ hasPosts: Bool) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            let wait = Samples.wait()
            #expect(try await store.stop(question.id, Self.request))
            let post = PostRow(question: question.id, part: 1_000, channel: "C1", threadTS: "1.0", body: ["text": "?"])
            #expect(try await store.suspend(wait, claim, posts: hasPosts ? [post] : []))
            if hasPosts { #expect(try await store.delivered(claim, lastPart: 1_000, ts: "8.0")) }
            let next = try #require(try await store.claim(question.id, for: Samples.other, lease: .seconds(600)))
            #expect(next.question.state == .working && next.question.stop == Self.request)
            let steps = try await store.steps(of: question.id)
            #expect(steps.map(\.kind) == [.waiting, .waitEnded])
        }
    }

    @Test("the questions of a thread that have not ended are listed, oldest first", arguments: Backend.allCases)
    func listed(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let now = Date()
            func question(_ text: String, _ offset: Double, thread: String = "T1:C1:1.0") -> Question {
                Samples.question(text, thread: thread, at: now.addingTimeInterval(offset))
            }
            try await store.answer(question("ended", 0))
            _ = try #require(try await store.begin(question("working", 1)))
            for other in [question("received", 2), question("elsewhere", 3, thread: "T1:C1:2.0")] {
                _ = try await store.accept(NewQuestion(other, origin: Samples.origin))
            }
            #expect(try await store.unended(inThread: "T1:C1:1.0").map(\.text) == ["working", "received"])
            #expect(try await store.unended(inThread: "T1:C1:3.0").isEmpty)
        }
    }
}
