import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("The history of a thread", .timeLimit(.minutes(3)))
struct ConversationTests {
    @Test(
        "a thread's turns come oldest first with their outcomes; private ones belong to their asker",
        arguments: Backend.allCases)
    func recall(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let start = Date().addingTimeInterval(-1000)
            let usage = Samples.usage()
            let stranger = Principal(email: "u1@slack.invalid", name: "U1", role: "", source: .builtIn("unidentified"))
            let bob = Principal(email: "bob@example.com", name: "Bob", role: "dba", source: .builtIn("bob"))
            func ask(
                _ text: String, _ second: Double, by asker: Principal = Samples.asker, thread: String = "T",
                outcome: QuestionOutcome? = nil, isPrivate: Bool = false
            ) async throws {
                let question = Samples.question(text, by: asker, thread: thread, at: start.addingTimeInterval(second))
                try await store.answer(question, outcome ?? Samples.answered("to \(text)"), isPrivate: isPrivate)
            }
            let refusal = QuestionOutcome.refused(Refusal(message: "no", rule: "r", usage: usage))
            try await ask("one", 1)
            try await ask("two", 2, by: bob)
            try await ask("secret", 3, isPrivate: true)
            try await ask("refused", 4, outcome: refusal)
            try await ask("a stranger's", 4.5, by: stranger, outcome: refusal)
            try await ask("elsewhere", 5, thread: "other")
            try await ask("three", 6)
            let now = Samples.question("now", by: bob, thread: "T", at: start.addingTimeInterval(7))
            _ = try await store.accept(NewQuestion(now))
            let found = try await store.conversation(before: now, limit: 10)
            #expect(found.turns.map(\.text) == ["one", "two", "refused", "three"])
            #expect(
                found.turns.map(\.outcome) == [
                    .answered("to one"), .answered("to two"), .refused, .answered("to three"),
                ])
            #expect(found.total == 4)
            #expect(found.turns.map(\.asker).prefix(2) == ["ada@example.com", "bob@example.com"])
            #expect(found.turns.map(\.askerName).prefix(2) == ["Ada", "Bob"])
            let last = try await store.conversation(before: now, limit: 2)
            #expect(last.turns.map(\.text) == ["refused", "three"] && last.total == 4)
            let hers = Samples.question("hers", thread: "T", at: start.addingTimeInterval(7))
            let own = try await store.conversation(before: hers, limit: 3)
            #expect(own.turns.map(\.text) == ["secret", "refused", "three"])
            #expect(own.turns.map(\.isPrivate) == [true, false, false])
            #expect(own.total == 5)
            let nobody = try await store.conversation(before: Samples.question(thread: "nobody"), limit: 5)
            #expect(nobody == Conversation())
        }
    }

    @Test("a turn has the files that its asker attached, as they were described", arguments: Backend.allCases)
    func files(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question("one", thread: "T", at: Date().addingTimeInterval(-10))
            let files: JSONValue = [["id": "F1", "name": "may.csv"]]
            _ = try await store.accept(NewQuestion(question, origin: Samples.origin, context: ["files": files]))
            let claim = try #require(
                try await store.claim(question.id, for: Samples.process, lease: .seconds(600)))
            #expect(try await store.finish(FinishedQuestion(question, outcome: Samples.answered()), claim))
            let found = try await store.conversation(before: Samples.question("now", thread: "T"), limit: 10)
            #expect(found.turns.map(\.files) == [[["id": "F1", "name": "may.csv"]]])
        }
    }

    @Test("each turn has its calls' results, the last one of each call, in order", arguments: Backend.allCases)
    func results(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let start = Date().addingTimeInterval(-1000)
            for number in 1...3 {
                let question = Samples.question(
                    "\(number)", thread: "T", at: start.addingTimeInterval(Double(number)))
                let claim = try #require(try await store.begin(question))
                for (id, text) in [("a", "old"), ("b", "rows"), ("a", "new")] where number != 2 {
                    let call = Samples.call(id, "tool_\(id)", arguments: ["number": .int(Int64(number))])
                    try await store.append(.toolStarted(call), to: question.id)
                    try await store.append(
                        .toolResult(call, .text("\(text) \(number)", isError: id == "b")), to: question.id)
                }
                if number == 3 {
                    let image = ToolContent.image(data: String(repeating: "A", count: 300_000), mimeType: "image/png")
                    try await store.append(
                        .toolResult(Samples.call("big"), ToolResult(content: [image])), to: question.id)
                }
                #expect(try await store.finish(FinishedQuestion(question, outcome: Samples.answered()), claim))
            }
            let now = Samples.question("now", thread: "T")
            let turns = try await store.conversation(before: now, limit: 5).turns
            #expect(turns.map { $0.calls.map(\.result) } == [["rows 1", "new 1"], [], ["rows 3", "new 3"]])
            #expect(turns.first?.calls.map(\.name.description) == ["demo.tool_b", "demo.tool_a"])
            #expect(turns.first?.calls.map(\.isError) == [true, false])
            #expect(turns.last?.calls.allSatisfy { $0.arguments == ["number": 3] } == true)
        }
    }

    @Test("the newest question of a thread is found, open or ended", arguments: Backend.allCases)
    func last(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let start = Date().addingTimeInterval(-1000)
            let one = Samples.question("one", thread: "T", at: start)
            try await store.answer(one)
            let two = Samples.question("two", thread: "T", at: start.addingTimeInterval(5))
            _ = try await store.accept(NewQuestion(two, origin: Samples.origin))
            func last(_ second: Double, _ thread: String = "T") async throws -> QuestionRow? {
                try await store.lastQuestion(in: thread, before: start.addingTimeInterval(second))
            }
            #expect(try await last(0) == nil)
            let first = try #require(try await last(5))
            #expect(first.id == one.id && first.state == .answered && first.finishedAt != nil)
            #expect(first.origin.userID == "U1")
            #expect(try await last(6)?.id == two.id)
            #expect(try await last(6)?.state == .received)
            #expect(try await last(6, "other") == nil)
            let three = Samples.question("three", thread: "T", at: start.addingTimeInterval(8))
            _ = try await store.accept(NewQuestion(three, origin: QuestionOrigin(userID: "U2")))
            for (user, expected) in [("U1", two.id), ("U2", three.id), ("U3", nil)] {
                let found = try await store.lastQuestion(in: "T", before: start.addingTimeInterval(9), askedBy: user)
                #expect(found?.id == expected, "\(user)")
            }
        }
    }

    @Test("steps come back in order, model blocks byte for byte", arguments: Backend.allCases)
    func steps(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            _ = try await store.begin(question)
            let block = #"{"type":"thinking","signature":"Zm9v\u0000","thinking":"  a\/b "}"#
            let call = ModelToolCall(id: "toolu_1", wireName: "demo__get_top_queries", input: ["limit": 5])
            let turn = ModelTurn(
                provider: "anthropic", rawBlocks: [block], text: "I look.", calls: [call], stop: .toolUse,
                usage: TokenUsage(input: 3, output: 4, cacheRead: 5), model: "m")
            let activity = Samples.call("toolu_1")
            try await store.append(.modelTurn(turn), to: question.id)
            try await store.append(.toolStarted(activity), to: question.id)
            try await store.append(.toolResult(activity, .text("rows", isError: true)), to: question.id)
            let steps = try await store.steps(of: question.id)
            #expect(steps.map(\.kind) == [.modelTurn, .toolStarted, .toolResult])
            #expect(steps.map(\.callID) == [nil, "toolu_1", "toolu_1"])
            #expect(steps[0].payload["blocks"]?[0]?.string == block)
            #expect(steps[0].payload["usage"]?["cache_read"] == 5)
            #expect(steps[0].payload["stop"] == "tool_use")
            #expect(steps[2].payload["content"]?[0]?["text"] == "rows")
            #expect(steps[2].payload["is_error"] == true)
            #expect(steps.allSatisfy { $0.epoch == 1 })
            let journal = try await store.journal(of: question.id)
            guard case .modelTurn(let again) = journal[0], case .toolStarted(let started) = journal[1],
                case .toolResult(let finished, let result) = journal[2]
            else {
                Issue.record("another journal: \(journal)")
                return
            }
            #expect(again.rawBlocks == [block] && again.calls == [call] && again.stop == .toolUse)
            #expect(again.usage == turn.usage && again.text == turn.text && again.model == "m")
            #expect(started == activity && finished == activity)
            #expect(result == .text("rows", isError: true))
        }
    }

    @Test("an ended question accepts no more steps, and no posts of another owner", arguments: Backend.allCases)
    func ended(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            var post = PostRow(question: question.id, part: 0, kind: .progress, channel: "C1", threadTS: "1.0")
            post.epoch = 1
            for _ in 0..<2 {
                #expect(
                    try await store.locate(claim, question, origin: Samples.origin, planning: [post]) == [post])
            }
            #expect(try await store.finish(FinishedQuestion(question, outcome: Samples.answered()), claim))
            let error = await #expect(throws: StoreError.self) {
                try await store.append(.toolStarted(Samples.call("1")), to: question.id)
            }
            #expect(error?.code == .superseded)
            #expect(try await store.sent(claim, part: 7, ts: "1") == false)
            #expect(try await store.locate(claim, question, origin: Samples.origin, planning: [post]) == nil)
        }
    }
}
