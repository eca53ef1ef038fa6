import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The life of a question", .timeLimit(.minutes(3)))
struct QuestionLifeTests {
    @Test("of twenty deliveries at once one is accepted and the others name it", arguments: Backend.allCases)
    func dedupe(_ backend: Backend) async throws {
        try await backend.withRecords(2) { records in
            let results = try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        try await records[number % 2].accept(
                            NewQuestion(Samples.question(), originKey: "T1:C1:1.5", origin: Samples.origin))
                    }
                }
                var all: [Acceptance] = []
                for try await result in group { all.append(result) }
                return all
            }
            let accepted = results.compactMap { if case .accepted(let id) = $0 { id } else { nil } }
            let duplicates = results.compactMap { if case .duplicate(let id) = $0 { id } else { nil } }
            #expect(accepted.count == 1)
            #expect(duplicates.count == 19)
            #expect(Set(duplicates) == Set(accepted))
            #expect(try await records[0].unfinished().map(\.id) == accepted)
        }
    }

    @Test("a question without an origin key is never a duplicate", arguments: Backend.allCases)
    func noKey(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            for _ in 0..<2 {
                let question = Samples.question()
                let acceptance = try await record.accept(NewQuestion(question))
                #expect(acceptance == .accepted(question.id))
            }
        }
    }

    @Test("what was accepted comes back whole with the claim", arguments: Backend.allCases)
    func roundTrip(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let asked = Date(timeIntervalSince1970: 1_795_411_467.123)
            let text = "Why is “shop” slow? 🐢 'quoted' $1 \u{0}"
            let question = Samples.question(text, at: asked)
            let retried = ULID()
            let new = NewQuestion(
                question, originKey: "k", origin: Samples.origin, context: ["command": "/omni", "n": 1],
                retryOf: retried, deadline: asked.addingTimeInterval(300))
            _ = try await record.accept(new)
            let claim = try #require(try await record.claim(question.id, for: Samples.process))
            let row = claim.question
            #expect(row.text == text.replacingOccurrences(of: "\u{0}", with: "\u{FFFD}"))
            #expect(row.askedAt == asked)
            #expect(row.deadline == asked.addingTimeInterval(300))
            #expect(row.place == question.place)
            #expect(row.origin == Samples.origin)
            #expect(row.context["command"] == "/omni")
            #expect(row.retryOf == retried)
            #expect(row.askerEmail == "ada@example.com")
            #expect(row.askerRole == "dba")
            #expect(row.state == .working)
            #expect(row.epoch == 1)
            #expect(row.attempts == 1)
            #expect(row.owner == Samples.process.id)
            #expect(abs(row.receivedAt.timeIntervalSinceNow) < 600)
        }
    }

    @Test("of two processes that race for a question one gets it", arguments: Backend.allCases)
    func race(_ backend: Backend) async throws {
        try await backend.withRecords(2) { records in
            for _ in 0..<10 {
                let question = Samples.question(thread: ULID().text)
                _ = try await records[0].accept(NewQuestion(question))
                async let one = records[0].claim(question.id, for: Samples.process, lease: .seconds(600))
                async let two = records[1].claim(question.id, for: Samples.other, lease: .seconds(600))
                let claims = [try await one, try await two].compactMap { $0 }
                #expect(claims.count == 1)
                #expect(claims.first?.epoch == 1)
            }
        }
    }

    @Test("a thread's questions are claimed in the order in which they were asked", arguments: Backend.allCases)
    func order(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let start = Date()
            let first = Samples.question("first", at: start)
            let second = Samples.question("second", at: start.addingTimeInterval(1))
            let elsewhere = Samples.question("elsewhere", thread: "T1:C2:9.9", at: start.addingTimeInterval(2))
            for question in [second, elsewhere, first] { _ = try await record.accept(NewQuestion(question)) }
            #expect(try await record.claimable() == [first.id, elsewhere.id])
            #expect(try await record.claim(second.id, for: Samples.process) == nil)
            let claim = try #require(try await record.claim(first.id, for: Samples.process, lease: .seconds(600)))
            #expect(try await record.claim(second.id, for: Samples.process) == nil)
            #expect(try await record.finish(FinishedQuestion(first, ending: Samples.answered()), claim))
            #expect(try await record.claim(second.id, for: Samples.process) != nil)
        }
    }

    @Test(
        "a question whose asker waits in another process is left to that one while it lives",
        arguments: Backend.allCases)
    func caller(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let process = ProcessRow(name: "three", host: "localhost", pid: 3)
            try await record.register(process)
            let question = Question(
                asker: Samples.asker, text: "why?", place: Place(door: .http, isDirect: true), threadKey: "http:ada:1")
            let unowned = Question(
                asker: Samples.asker, text: "why?", place: Place(door: .cli, isDirect: true), threadKey: "cli:1")
            _ = try await record.accept(NewQuestion(question, caller: process.id))
            _ = try await record.accept(NewQuestion(unowned))
            #expect(try await record.claimable(at: .slack).isEmpty)
            _ = try await record.database.write { connection in
                let earlier = connection.dialect.now(plus: -61_000)
                return try connection.execute("UPDATE questions SET received_at = \(earlier)", [])
            }
            #expect(try await record.claimable(at: .slack) == [unowned.id])
            #expect(try await record.claimable(at: .http).contains(question.id))
            try await record.remove(process)
            #expect(Set(try await record.claimable(at: .slack)) == [question.id, unowned.id])
        }
    }

    @Test("a question that waits for approval does not hold up its thread", arguments: Backend.allCases)
    func approvalDoesNotBlock(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let first = Samples.question(at: Date())
            let second = Samples.question(at: Date().addingTimeInterval(1))
            let claim = try #require(try await record.begin(first))
            _ = try await record.accept(NewQuestion(second))
            #expect(try await record.markWaiting(claim, for: .elicitation))
            #expect(try await record.claimable().isEmpty)
            #expect(try await record.markWaiting(claim, for: .approval))
            #expect(try await record.claimable() == [second.id])
            #expect(try await record.markWorking(claim))
            #expect(try await record.claimable().isEmpty)
        }
    }

    @Test("an expired lease may be taken over, and the old owner can write nothing more", arguments: Backend.allCases)
    func takeOver(_ backend: Backend) async throws {
        try await backend.withRecords(2) { records in
            let question = Samples.question()
            _ = try await records[0].accept(NewQuestion(question))
            let stale = try #require(
                try await records[0].claim(question.id, for: Samples.process, lease: .milliseconds(-1000)))
            let fresh = try #require(try await records[1].claim(question.id, for: Samples.other, lease: .seconds(600)))
            #expect(fresh.epoch == 2)
            #expect(fresh.question.attempts == 2)
            let finished = FinishedQuestion(
                question, ending: Samples.answered(calls: [Samples.call("1")]),
                posts: [PostRow(question: question.id, part: 0)])
            #expect(try await records[0].markWaiting(stale, for: .approval) == false)
            #expect(try await records[0].renewLeases(of: Samples.process).isEmpty)
            let lost = await #expect(throws: StoreError.self) {
                try await records[0].append(.toolStarted(Samples.call("1")), to: question.id)
            }
            #expect(lost?.code == .superseded)
            #expect(try await records[0].finish(finished, stale) == false)
            #expect(try await records[1].count() == 0)
            #expect(try await records[1].toolCalls(of: question.id).isEmpty)
            #expect(try await records[1].posts(of: question.id).isEmpty)
            #expect(try await records[1].finish(finished, fresh))
            #expect(try await records[1].count() == 1)
        }
    }

    @Test("a lease that is renewed keeps others away", arguments: Backend.allCases)
    func renewal(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let question = Samples.question()
            _ = try await record.accept(NewQuestion(question))
            _ = try await record.claim(question.id, for: Samples.process, lease: .milliseconds(-1000))
            #expect(try await record.renewLeases(of: Samples.process, lease: .seconds(600)) == [question.id])
            #expect(try await record.claim(question.id, for: Samples.other) == nil)
        }
    }

    @Test("a claim whose answer never came is given back, and nobody else's is", arguments: Backend.allCases)
    func doubtfulClaim(_ backend: Backend) async throws {
        try await backend.withRecords(2) { records in
            let questions = (1...3).map { Samples.question(thread: "T1:C1:\($0)") }
            let (mine, theirs, free) = (questions[0], questions[1], questions[2])
            for question in questions { _ = try await records[0].accept(NewQuestion(question)) }
            // The claim came off, and the connection was lost before the process could know.
            let lost = try #require(try await records[0].claim(mine.id, for: Samples.process, lease: .seconds(600)))
            records[0].holdings.withLockedValue { holdings in
                holdings.drop(lost)
                for question in questions { holdings.doubt(question.id) }
            }
            let other = try #require(try await records[1].claim(theirs.id, for: Samples.other, lease: .seconds(600)))
            #expect(try await records[0].claim(mine.id, for: Samples.process) == nil)
            #expect(try await records[0].renewLeases(of: Samples.process).isEmpty)
            #expect(records[0].holdings.withLockedValue { $0.doubtful.isEmpty })
            #expect(try await records[1].claim(mine.id, for: Samples.other)?.epoch == 2)
            #expect(try await records[1].claim(free.id, for: Samples.other)?.epoch == 1)
            #expect(try await records[1].release(other))
        }
    }

    @Test("what the process remembers of the outbox after an ending is what stands there", arguments: Backend.allCases)
    func rememberedPosts(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            for (ts, fails) in [("1.1", false), (nil, false), (nil, true)] as [(String?, Bool)] {
                let question = Samples.question(thread: "T1:C1:\(ts ?? "")\(fails)")
                let claim = try #require(try await record.begin(question))
                let progress = PostRow(
                    question: question.id, part: 0, kind: .progress, channel: "C1", threadTS: "1.0", body: ["text": "…"]
                )
                _ = try await record.locate(claim, question, origin: Samples.origin, planning: [progress])
                if let ts { #expect(try await record.sent(claim, part: 0, ts: ts)) }
                if fails { #expect(try await record.failed(claim, part: 0, error: "no_text")) }
                var posts = (0..<2).map { part in
                    PostRow(question: question.id, part: part, channel: "C1", threadTS: "1.0", body: ["text": "so"])
                }
                posts[0].ts = ts
                let finished = FinishedQuestion(
                    question, origin: Samples.origin, ending: Samples.answered(), posts: posts)
                #expect(try await record.finish(finished, claim))
                let remembered = record.holdings.withLockedValue { $0[question.id]?.posts }
                #expect(try await record.posts(of: question.id) == remembered)
            }
        }
    }

    @Test("who asks and in which thread may be written after the claim, by its holder", arguments: Backend.allCases)
    func located(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let first = Samples.question(thread: "T1:C1:command")
            let claim = try #require(try await record.begin(first))
            let known = Question(
                id: first.id, asker: Samples.asker, text: first.text, place: first.place, threadKey: "T1:C1:7.7",
                askedAt: first.askedAt)
            var origin = Samples.origin
            origin.threadTS = "7.7"
            #expect(try await record.locate(claim, known, origin: origin) == [])
            let row = try #require(try await record.question(first.id))
            #expect(row.threadKey == "T1:C1:7.7" && row.origin == origin)
            #expect(try await record.release(claim))
            _ = try await record.claim(first.id, for: Samples.other)
            #expect(try await record.locate(claim, first, origin: Samples.origin) == nil)
        }
    }

    @Test("a question that was given back may be claimed at once", arguments: Backend.allCases)
    func release(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let claim = try #require(try await record.begin(Samples.question()))
            #expect(try await record.release(claim))
            #expect(try await record.claim(claim.id, for: Samples.other)?.epoch == 2)
        }
    }

    @Test("a process that starts again frees what it held before", arguments: Backend.allCases)
    func restart(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            try await record.register(Samples.process)
            let claim = try #require(try await record.begin(Samples.question()))
            #expect(try await record.liveProcesses() == [Samples.process])
            #expect(try await record.claim(claim.id, for: Samples.other) == nil)
            let again = ProcessRow(name: Samples.process.name, host: "localhost", pid: 3)
            try await record.register(again)
            #expect(try await record.liveProcesses() == [again])
            #expect(try await record.heartbeat(Samples.process) == false)
            #expect(try await record.heartbeat(again))
            #expect(try await record.unfinished(owner: Samples.process.id).map(\.id) == [claim.id])
            #expect(try await record.claim(claim.id, for: again)?.epoch == 2)
            try await record.remove(again)
            #expect(try await record.claimable() == [claim.id])
        }
    }
}
