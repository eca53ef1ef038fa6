import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Accepting and claiming a question", .timeLimit(.minutes(3)))
struct QuestionClaimTests {
    @Test("of twenty deliveries at once one is accepted, and the others return its id", arguments: Backend.allCases)
    func dedupe(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let results = try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        try await stores[number % 2].accept(
                            NewQuestion(Samples.question(), originKey: "T1:C1:1.5", origin: Samples.origin))
                    }
                }
                var all: [AcceptResult] = []
                for try await result in group { all.append(result) }
                return all
            }
            let accepted = results.compactMap { if case .accepted(let id) = $0 { id } else { nil } }
            let duplicates = results.compactMap { if case .duplicate(let id) = $0 { id } else { nil } }
            #expect(accepted.count == 1)
            #expect(duplicates.count == 19)
            #expect(Set(duplicates) == Set(accepted))
            #expect(try await stores[0].unfinished().map(\.id) == accepted)
        }
    }

    @Test("a question without an origin key is never a duplicate", arguments: Backend.allCases)
    func noKey(_ backend: Backend) async throws {
        try await backend.withStore { store in
            for _ in 0..<2 {
                let question = Samples.question()
                let acceptResult = try await store.accept(NewQuestion(question))
                #expect(acceptResult == .accepted(question.id))
            }
        }
    }

    @Test("an accepted question comes back complete with the claim", arguments: Backend.allCases)
    func roundTrip(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let asked = Date(timeIntervalSince1970: 1_795_411_467.123)
            let text = "Why is “shop” slow? 🐢 'quoted' $1 \u{0}"
            let question = Samples.question(text, at: asked)
            let retried = ULID()
            let new = NewQuestion(
                question, originKey: "k", origin: Samples.origin, context: ["command": "/omni", "n": 1],
                retryOf: retried, deadline: asked.addingTimeInterval(300))
            _ = try await store.accept(new)
            let claim = try #require(try await store.claim(question.id, for: Samples.process))
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

    @Test("of two processes that claim a question at once one gets it", arguments: Backend.allCases)
    func race(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            for _ in 0..<10 {
                let question = Samples.question(thread: ULID().text)
                _ = try await stores[0].accept(NewQuestion(question))
                async let one = stores[0].claim(question.id, for: Samples.process, lease: .seconds(600))
                async let two = stores[1].claim(question.id, for: Samples.other, lease: .seconds(600))
                let claims = [try await one, try await two].compactMap { $0 }
                #expect(claims.count == 1)
                #expect(claims.first?.epoch == 1)
            }
        }
    }

    @Test("a thread's questions are claimed in the order in which they were asked", arguments: Backend.allCases)
    func order(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let start = Date()
            let first = Samples.question("first", at: start)
            let second = Samples.question("second", at: start.addingTimeInterval(1))
            let elsewhere = Samples.question("elsewhere", thread: "T1:C2:9.9", at: start.addingTimeInterval(2))
            for question in [second, elsewhere, first] { _ = try await store.accept(NewQuestion(question)) }
            #expect(try await store.claimable() == [first.id, elsewhere.id])
            #expect(try await store.claim(second.id, for: Samples.process) == nil)
            let claim = try #require(try await store.claim(first.id, for: Samples.process, lease: .seconds(600)))
            #expect(try await store.claim(second.id, for: Samples.process) == nil)
            #expect(try await store.finish(FinishedQuestion(first, outcome: Samples.answered()), claim))
            #expect(try await store.claim(second.id, for: Samples.process) != nil)
        }
    }

    @Test(
        "a question whose asker waits in another process is left to that process while it is alive",
        arguments: Backend.allCases)
    func caller(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let process = ProcessRow(name: "three", host: "localhost", pid: 3)
            try await store.register(process)
            let question = Question(
                asker: Samples.asker, text: "why?", place: Place(entryPoint: .http, isDirect: true),
                threadKey: "http:ada:1")
            let command = Question(
                asker: Samples.asker, text: "why?", place: Place(entryPoint: .cli, isDirect: true), threadKey: "cli:1")
            _ = try await store.accept(NewQuestion(question, caller: process.id))
            _ = try await store.accept(NewQuestion(command, caller: "a process that is not registered"))
            #expect(try await store.claimable(leavingCallers: true).isEmpty)
            _ = try await store.database.write { connection in
                let earlier = connection.dialect.now(plus: -61_000)
                return try connection.execute("UPDATE questions SET received_at = \(earlier)", [])
            }
            #expect(try await store.claimable(leavingCallers: true) == [command.id])
            #expect(try await store.claimable().contains(question.id))
            let recent = Question(
                asker: Samples.asker, text: "and now?", place: Place(entryPoint: .http, isDirect: true),
                threadKey: "http:ada:2")
            _ = try await store.accept(NewQuestion(recent, caller: process.id))
            try await store.remove(process)
            #expect(Set(try await store.claimable(leavingCallers: true)) == [question.id, command.id, recent.id])
        }
    }

    @Test("a question that names its tool keeps the call, also when its thread is known", arguments: Backend.allCases)
    func namedCall(_ backend: Backend) async throws {
        try await backend.withStore { store in
            var question = Samples.question("ops.find")
            question.call = NamedToolCall(ToolName(server: "ops", tool: "find"), arguments: ["limit": 5])
            _ = try await store.accept(NewQuestion(question))
            let claim = try #require(try await store.claim(question.id, for: Samples.process))
            #expect(claim.question.call == question.call)
            _ = try #require(try await store.locate(claim, question, origin: Samples.origin))
            let located = try #require(try await store.question(question.id))
            #expect(located.call == question.call && located.origin == Samples.origin)
        }
    }

    @Test("an expired lease may be taken over, and the old owner can write nothing more", arguments: Backend.allCases)
    func takeOver(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let question = Samples.question()
            _ = try await stores[0].accept(NewQuestion(question))
            let stale = try #require(
                try await stores[0].claim(question.id, for: Samples.process, lease: .milliseconds(-1000)))
            let fresh = try #require(try await stores[1].claim(question.id, for: Samples.other, lease: .seconds(600)))
            #expect(fresh.epoch == 2)
            #expect(fresh.question.attempts == 2)
            let finished = FinishedQuestion(
                question, outcome: Samples.answered(calls: [Samples.call("1")]),
                posts: [PostRow(question: question.id, part: 0)])
            #expect(try await stores[0].suspend(Samples.wait(), stale, posts: []) == false)
            #expect(try await stores[0].renewLeases(of: Samples.process).held.isEmpty)
            let lost = await #expect(throws: StoreError.self) {
                try await stores[0].append(.toolStarted(Samples.call("1")), to: question.id)
            }
            #expect(lost?.code == .superseded)
            #expect(try await stores[0].finish(finished, stale) == false)
            #expect(try await stores[1].count() == 0)
            #expect(try await stores[1].toolCalls(of: question.id).isEmpty)
            #expect(try await stores[1].posts(of: question.id).isEmpty)
            #expect(try await stores[1].finish(finished, fresh))
            #expect(try await stores[1].count() == 1)
        }
    }

    @Test("a renewed lease keeps other processes out", arguments: Backend.allCases)
    func renewal(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            _ = try await store.accept(NewQuestion(question))
            _ = try await store.claim(question.id, for: Samples.process, lease: .milliseconds(-1000))
            #expect(try await store.renewLeases(of: Samples.process, lease: .seconds(600)).held == [question.id])
            #expect(try await store.claim(question.id, for: Samples.other) == nil)
        }
    }

    @Test("an unconfirmed claim is released, and no claim of another process is", arguments: Backend.allCases)
    func doubtfulClaim(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let questions = (1...3).map { Samples.question(thread: "T1:C1:\($0)") }
            let (mine, theirs, free) = (questions[0], questions[1], questions[2])
            for question in questions { _ = try await stores[0].accept(NewQuestion(question)) }
            // The claim was committed, and its response was lost with the connection.
            let lost = try #require(try await stores[0].claim(mine.id, for: Samples.process, lease: .seconds(600)))
            stores[0].heldClaims.withLockedValue { heldClaims in
                heldClaims.remove(lost)
                for question in questions { heldClaims.markUnconfirmed(question.id) }
            }
            let other = try #require(try await stores[1].claim(theirs.id, for: Samples.other, lease: .seconds(600)))
            #expect(try await stores[0].claim(mine.id, for: Samples.process) == nil)
            #expect(try await stores[0].renewLeases(of: Samples.process).held.isEmpty)
            #expect(stores[0].heldClaims.withLockedValue { $0.unconfirmed.isEmpty })
            #expect(try await stores[1].claim(mine.id, for: Samples.other)?.epoch == 2)
            #expect(try await stores[1].claim(free.id, for: Samples.other)?.epoch == 1)
            #expect(try await stores[1].release(other))
        }
    }

    @Test("the cached posts of a held claim equal the stored ones after the outcome", arguments: Backend.allCases)
    func rememberedPosts(_ backend: Backend) async throws {
        try await backend.withStore { store in
            for (ts, fails) in [("1.1", false), (nil, false), (nil, true)] as [(String?, Bool)] {
                let question = Samples.question(thread: "T1:C1:\(ts ?? "")\(fails)")
                let claim = try #require(try await store.begin(question))
                let progress = PostRow(
                    question: question.id, part: 0, kind: .progress, channel: "C1", threadTS: "1.0", body: ["text": "…"]
                )
                _ = try await store.locate(claim, question, origin: Samples.origin, planning: [progress])
                if let ts { #expect(try await store.sent(claim, part: 0, ts: ts)) }
                if fails { #expect(try await store.failed(claim, part: 0, error: "no_text")) }
                var posts = (0..<2).map { part in
                    PostRow(question: question.id, part: part, channel: "C1", threadTS: "1.0", body: ["text": "so"])
                }
                posts[0].ts = ts
                let finished = FinishedQuestion(
                    question, origin: Samples.origin, outcome: Samples.answered(), posts: posts)
                #expect(try await store.finish(finished, claim))
                let remembered = store.heldClaims.withLockedValue { $0[question.id]?.posts }
                #expect(try await store.posts(of: question.id) == remembered)
            }
        }
    }

    @Test("asker and thread may be set after the claim, by its owner", arguments: Backend.allCases)
    func located(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let first = Samples.question(thread: "T1:C1:command")
            let claim = try #require(try await store.begin(first))
            let known = Question(
                id: first.id, asker: Samples.asker, text: first.text, place: first.place, threadKey: "T1:C1:7.7",
                askedAt: first.askedAt)
            var origin = Samples.origin
            origin.threadTS = "7.7"
            #expect(try await store.locate(claim, known, origin: origin) == [])
            let row = try #require(try await store.question(first.id))
            #expect(row.threadKey == "T1:C1:7.7" && row.origin == origin)
            #expect(try await store.release(claim))
            _ = try await store.claim(first.id, for: Samples.other)
            #expect(try await store.locate(claim, first, origin: Samples.origin) == nil)
        }
    }

    @Test("a released question may be claimed at once", arguments: Backend.allCases)
    func release(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let claim = try #require(try await store.begin(Samples.question()))
            #expect(try await store.release(claim))
            #expect(try await store.claim(claim.id, for: Samples.other)?.epoch == 2)
        }
    }

    @Test("a restarted process releases the claims of its previous run", arguments: Backend.allCases)
    func restart(_ backend: Backend) async throws {
        try await backend.withStore { store in
            try await store.register(Samples.process)
            let claim = try #require(try await store.begin(Samples.question()))
            #expect(try await store.liveProcesses() == [Samples.process])
            #expect(try await store.claim(claim.id, for: Samples.other) == nil)
            let again = ProcessRow(name: Samples.process.name, host: "localhost", pid: 3)
            try await store.register(again)
            #expect(try await store.liveProcesses() == [again])
            #expect(try await store.heartbeat(Samples.process) == false)
            #expect(try await store.heartbeat(again))
            #expect(try await store.unfinished(owner: Samples.process.id).map(\.id) == [claim.id])
            #expect(try await store.claim(claim.id, for: again)?.epoch == 2)
            try await store.remove(again)
            #expect(try await store.claimable() == [claim.id])
        }
    }
}
