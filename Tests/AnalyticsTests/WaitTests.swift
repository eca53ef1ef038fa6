import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("A question that waits for its asker", .timeLimit(.minutes(3)))
struct WaitTests {
    private static let by = "ada@example.com"

    private static func post(_ question: Question) -> PostRow {
        PostRow(question: question.id, part: 1_000, channel: "C1", threadTS: "1.0", body: ["text": "Which one?"])
    }

    @Test("it blocks its thread until its message is sent, and goes on once when answered", arguments: Backend.allCases)
    func answered(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let first = Samples.question(at: Date(timeIntervalSinceNow: -10))
            let second = Samples.question()
            let claim = try #require(try await store.begin(first))
            _ = try await store.accept(NewQuestion(second))
            try await store.append(.toolStarted(Samples.call("call-1")), to: first.id)
            let wait = Samples.wait()
            #expect(try await store.suspend(wait, claim, posts: [Self.post(first)]))
            #expect(store.holds(claim))
            let row = try #require(try await store.question(first.id))
            #expect(row.state == .waiting && row.waitingFor == .elicitation && row.waitUntil == wait.expiresAt)
            #expect(row.attempts == 0 && row.isUndelivered)
            #expect(try await store.claimable().isEmpty)
            #expect(try await store.claim(second.id, for: Samples.other) == nil)
            #expect(try await store.delivered(claim, lastPart: 1_000, ts: "8.0"))
            #expect(!store.holds(claim))
            #expect(try await store.claimable() == [second.id])
            #expect(try await store.claim(first.id, for: Samples.other) == nil)
            let open = try #require(try await store.openWait(of: first.id))
            #expect(open.wait == wait && open.question.askerEmail == Self.by)
            #expect(try await store.answer(.chosen("the shop", by: Self.by), to: wait.id, of: first.id) == .ended)
            #expect(try await store.openWait(of: first.id) == nil)
            #expect(try await store.claimable() == [first.id])
            let again = try #require(try await store.claim(first.id, for: Samples.other, lease: .seconds(600)))
            #expect(again.epoch == 2 && again.question.attempts == 1 && again.question.state == .working)
            #expect(again.question.waitUntil == nil)
            #expect(try await store.answer(.expired, to: wait.id, of: first.id) == .alreadyEnded)
            let kinds = try await store.steps(of: first.id).map(\.kind)
            #expect(kinds == [.toolStarted, .waiting, .waitEnded])
            #expect(try await store.finish(FinishedQuestion(first, outcome: Samples.answered()), again))
            #expect(try await store.count() == 1)
        }
    }

    @Test(
        "it is claimed when its time is over, by its id and in the poll; a later answer is late",
        arguments: Backend.allCases)
    func expired(_ backend: Backend) async throws {
        try await backend.withStore { store in
            for isPolled in [true, false] {
                let question = Samples.question(thread: "T:\(isPolled)")
                let claim = try #require(try await store.begin(question))
                let wait = Samples.wait(until: Date(timeIntervalSinceNow: -3_600))
                // Its message was not sent: the attempt sends its own.
                #expect(try await store.suspend(wait, claim, posts: isPolled ? [Self.post(question)] : []))
                if isPolled {
                    #expect(try await store.release(claim))
                    #expect(try await store.claimable() == [question.id])
                }
                let next = try #require(try await store.claim(question.id, for: Samples.other, lease: .seconds(600)))
                #expect(next.question.state == .working && next.question.attempts == 1 && !next.question.isUndelivered)
                let late = try await store.answer(.chosen("the shop", by: Self.by), to: wait.id, of: question.id)
                #expect(late == .alreadyEnded)
                #expect(try await store.steps(of: question.id).map(\.kind) == [.waiting])
            }
        }
    }

    @Test("of answers in two processes at once exactly one counts", arguments: Backend.allCases)
    func twice(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            for number in 0..<10 {
                let question = Samples.question(thread: "T:\(number)")
                let claim = try #require(try await stores[0].begin(question))
                let wait = Samples.wait()
                #expect(try await stores[0].suspend(wait, claim, posts: []))
                let ends = try await withThrowingTaskGroup { group in
                    for index in 0..<4 {
                        let answer: InputAnswer =
                            index < 3 ? .chosen("\(index)", by: Self.by) : .cancelled(by: Self.by)
                        group.addTask { try await stores[index % 2].answer(answer, to: wait.id, of: question.id) }
                    }
                    return try await group.reduce(into: [WaitEnd]()) { $0.append($1) }
                }
                #expect(ends.count { $0 == .ended } == 1 && ends.count { $0 == .alreadyEnded } == 3)
                #expect(try await stores[1].steps(of: question.id).map(\.kind) == [.waiting, .waitEnded])
            }
        }
    }

    @Test("an answer to a wait that does not exist, or to an earlier one, changes nothing", arguments: Backend.allCases)
    func others(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let (first, second) = (Samples.wait("first?"), Samples.wait("second?"))
            let claim = try #require(try await store.begin(question))
            #expect(try await store.openWait(of: question.id) == nil)
            #expect(try await store.suspend(first, claim, posts: []))
            #expect(try await store.answer(.expired, to: second.id, of: question.id) == .unknown)
            #expect(try await store.answer(.expired, to: first.id, of: ULID()) == .unknown)
            #expect(try await store.answer(.cancelled(by: Self.by), to: first.id, of: question.id) == .ended)
            let again = try #require(try await store.claim(question.id, for: Samples.other, lease: .seconds(600)))
            #expect(try await store.suspend(second, again, posts: []))
            #expect(try await store.answer(.expired, to: first.id, of: question.id) == .alreadyEnded)
            #expect(try await store.openWait(of: question.id)?.wait == second)
            #expect(try await store.question(question.id)?.attempts == 0)
        }
    }

    @Test("after a crash before its message was sent another process sends it", arguments: Backend.allCases)
    func killed(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let question = Samples.question()
            let claim = try #require(try await stores[0].begin(question))
            #expect(try await stores[0].suspend(Samples.wait(), claim, posts: [Self.post(question)]))
            #expect(try await stores[1].claim(question.id, for: Samples.other) == nil)
            try await Self.endLease(stores[1])
            #expect(try await stores[1].claimable() == [question.id])
            let next = try #require(
                try await stores[1].claim(question.id, for: Samples.other, lease: .seconds(600)))
            #expect(next.question.state == .waiting && next.question.attempts == 0 && next.epoch == 2)
            #expect(next.question.waitingFor == .elicitation && next.question.waitUntil != nil)
            #expect(try await stores[1].posts(of: question.id).map(\.state) == [.planned])
            #expect(try await !stores[0].delivered(claim))
            #expect(try await stores[1].release(next))
            #expect(try await stores[1].claimable() == [question.id])
            let last = try #require(
                try await stores[1].claim(question.id, for: Samples.other, lease: .seconds(600)))
            #expect(try await stores[1].delivered(last, lastPart: 1_000, ts: "8.0"))
            #expect(try await stores[1].claimable().isEmpty)
            #expect(try await stores[1].question(question.id)?.state == .waiting)
        }
    }

    @Test(
        "an answer before the end of the delivery starts the next attempt after it, or after the lease",
        arguments: Backend.allCases, [true, false])
    func early(_ backend: Backend, _ isDelivered: Bool) async throws {
        try await backend.withStores(2) { stores in
            let question = Samples.question()
            let claim = try #require(try await stores[0].begin(question))
            let wait = Samples.wait()
            #expect(try await stores[0].suspend(wait, claim, posts: [Self.post(question)]))
            #expect(try await stores[1].answer(.expired, to: wait.id, of: question.id) == .ended)
            #expect(try await stores[1].claimable().isEmpty)
            // The parent message of a slash command is also sent after the suspension.
            #expect(try await stores[0].locate(claim, question, origin: Samples.origin) != nil)
            if isDelivered {
                #expect(try await stores[0].delivered(claim, lastPart: 1_000, ts: "8.0"))
            } else {
                try await Self.endLease(stores[1])
            }
            let next = try #require(
                try await stores[1].claim(question.id, for: Samples.other, lease: .seconds(600)))
            #expect(next.question.state == .working && next.question.attempts == 1 && !next.question.isUndelivered)
            #expect(try await stores[0].locate(claim, question, origin: Samples.origin) == nil)
        }
    }

    @Test("a process that has lost the claim suspends nothing and stores no step", arguments: Backend.allCases)
    func superseded(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let question = Samples.question()
            let claim = try #require(try await stores[0].begin(question))
            try await Self.endLease(stores[1])
            let next = try #require(
                try await stores[1].claim(question.id, for: Samples.other, lease: .seconds(600)))
            #expect(try await !stores[0].suspend(Samples.wait(), claim, posts: [Self.post(question)]))
            #expect(!stores[0].holds(claim))
            #expect(try await stores[1].steps(of: question.id).isEmpty)
            #expect(try await stores[1].posts(of: question.id).isEmpty)
            #expect(try await stores[1].suspend(Samples.wait(), next, posts: [Self.post(question)]))
            await #expect(throws: StoreError.self) {
                try await stores[1].append(.toolStarted(Samples.call("call-1")), to: question.id)
            }
            let finished = FinishedQuestion(question, outcome: Samples.answered())
            #expect(try await !stores[1].finish(finished, next), "a waiting question does not end")
            #expect(try await stores[1].count() == 0)
        }
    }

    @Test("it is not withdrawn, and the attempt to do so changes nothing", arguments: Backend.allCases)
    func notWithdrawn(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            #expect(try await store.suspend(Samples.wait(), claim, posts: [Self.post(question)]))
            try await Self.endLease(store)
            let failure = Failure(
                error: BridgeError(.deadline, "late"), errorID: question.id.errorID, usage: Usage())
            let finished = FinishedQuestion(question, outcome: .failed(failure))
            #expect(try await !store.withdraw(finished, by: Samples.other))
            #expect(try await store.question(question.id)?.epoch == 1)
            #expect(try await store.delivered(claim))
        }
    }

    private static func endLease(_ store: Store) async throws {
        try await store.database.write { try $0.script("UPDATE questions SET lease_until = NULL") }
    }
}
