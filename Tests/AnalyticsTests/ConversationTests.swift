import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("What was said before")
struct ConversationTests {
    @Test("a thread's answered turns come oldest first, without private ones", arguments: Backend.allCases)
    func recall(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let start = Date().addingTimeInterval(-1000)
            let usage = Samples.usage()
            func ask(
                _ text: String, _ second: Double, thread: String = "T", ending: Ending? = nil, isPrivate: Bool = false
            )
                async throws
            {
                let question = Samples.question(text, thread: thread, at: start.addingTimeInterval(second))
                try await record.answer(question, ending ?? Samples.answered("to \(text)"), isPrivate: isPrivate)
            }
            try await ask("one", 1)
            try await ask("two", 2)
            try await ask("secret", 3, isPrivate: true)
            try await ask("refused", 4, ending: .refused(Refusal(message: "no", rule: "r", usage: usage)))
            try await ask("elsewhere", 5, thread: "other")
            try await ask("three", 6)
            let now = Samples.question("now", thread: "T", at: start.addingTimeInterval(7))
            _ = try await record.accept(NewQuestion(now))
            try await ask("later", 8)
            let turns = try await record.earlierTurns(thread: "T", before: now.id, limit: 10)
            #expect(turns.map(\.text) == ["one", "two", "three"])
            #expect(turns.map(\.answer) == ["to one", "to two", "to three"])
            #expect(turns.first?.asker == "ada@example.com")
            #expect(turns.first?.askerName == "Ada")
            let last = try await record.earlierTurns(thread: "T", before: now.id, limit: 2)
            #expect(last.map(\.text) == ["two", "three"])
            #expect(try await record.earlierTurns(thread: "nobody", before: now.id, limit: 5).isEmpty)
        }
    }

    @Test("steps come back in order, model blocks byte for byte", arguments: Backend.allCases)
    func steps(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let question = Samples.question()
            _ = try await record.begin(question)
            let block = #"{"type":"thinking","signature":"Zm9v\u0000","thinking":"  a\/b "}"#
            let call = ModelToolCall(id: "toolu_1", wireName: "demo__get_top_queries", input: ["limit": 5])
            let turn = ModelTurn(
                rawBlocks: [block], text: "I look.", calls: [call], stop: .toolUse,
                usage: TokenUsage(input: 3, output: 4, cacheRead: 5), model: "m")
            let activity = Samples.call("toolu_1")
            try await record.append(.modelTurn(turn), to: question.id)
            try await record.append(.toolStarted(activity), to: question.id)
            try await record.append(.toolResult(activity, .text("rows", isError: true)), to: question.id)
            let steps = try await record.steps(of: question.id)
            #expect(steps.map(\.kind) == [.modelTurn, .toolStarted, .toolResult])
            #expect(steps.map(\.callID) == [nil, "toolu_1", "toolu_1"])
            #expect(steps[0].payload["blocks"]?[0]?.string == block)
            #expect(steps[0].payload["usage"]?["cache_read"] == 5)
            #expect(steps[0].payload["stop"] == "tool_use")
            #expect(steps[2].payload["content"]?[0]?["text"] == "rows")
            #expect(steps[2].payload["is_error"] == true)
            #expect(steps.allSatisfy { $0.epoch == 1 })
            let journal = try await record.journal(of: question.id)
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

    @Test("a question that ended takes no more steps and no more posts of another", arguments: Backend.allCases)
    func ended(_ backend: Backend) async throws {
        try await backend.withRecord { record in
            let question = Samples.question()
            let claim = try #require(try await record.begin(question))
            var post = PostRow(question: question.id, part: 0, kind: .progress, channel: "C1", threadTS: "1.0")
            post.epoch = 1
            for _ in 0..<2 {
                #expect(
                    try await record.locate(claim, question, origin: Samples.origin, planning: [post]) == [post])
            }
            #expect(try await record.finish(FinishedQuestion(question, ending: Samples.answered()), claim))
            let error = await #expect(throws: StoreError.self) {
                try await record.append(.toolStarted(Samples.call("1")), to: question.id)
            }
            #expect(error?.code == .superseded)
            #expect(try await record.sent(claim, part: 7, ts: "1") == false)
            #expect(try await record.locate(claim, question, origin: Samples.origin, planning: [post]) == nil)
        }
    }
}
