import Bridge
import Foundation
import TestKit
import Testing

@testable import Analytics

@Suite("Steps in the store", .timeLimit(.minutes(3)))
struct StepTests {
    private static func turn(
        _ text: String, calls: Int = 0, stop: ModelTurn.Stop = .endTurn
    ) -> QuestionStep {
        let calls = (0..<calls).map { ModelToolCall(id: "call-\($0)", wireName: "demo_x", input: [:]) }
        return .modelTurn(
            ModelTurn(
                provider: "anthropic", rawBlocks: [], text: text, calls: calls, stop: calls.isEmpty ? stop : .toolUse,
                usage: TokenUsage(),
                model: "m"))
    }

    @Test("a turn is stored with the call that it starts, and before it", arguments: Backend.allCases)
    func withItsCall(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            #expect(try await store.begin(question) != nil)
            try await store.append(Self.turn("let me look", calls: 1), to: question.id)
            try await store.append(.toolStarted(Samples.call("call-0")), to: question.id)
            #expect(try await store.steps(of: question.id).map(\.kind) == [.modelTurn, .toolStarted])
            try await store.append(.toolResult(Samples.call("call-0"), .text("ten rows")), to: question.id)
            let kinds = try await store.steps(of: question.id).map(\.kind)
            #expect(kinds == [.modelTurn, .toolStarted, .toolResult])
        }
    }

    @Test("the last turn is stored with the outcome", arguments: Backend.allCases)
    func withTheEnding(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            try await store.append(Self.turn("done"), to: question.id)
            #expect(try await store.finish(FinishedQuestion(question, outcome: Samples.answered()), claim))
            let steps = try await store.steps(of: question.id)
            #expect(steps.map(\.kind) == [.modelTurn] && steps.first?.payload["text"] == "done")
            #expect(steps.first?.epoch == claim.question.epoch)
        }
    }

    @Test("a turn before another long one, or with several calls, is stored at once", arguments: Backend.allCases)
    func atOnce(_ backend: Backend) async throws {
        for step in [Self.turn("on", stop: .pauseTurn), Self.turn("cut", stop: .maxTokens), Self.turn("", calls: 2)] {
            try await backend.withStore { store in
                let question = Samples.question()
                #expect(try await store.begin(question) != nil)
                try await store.append(step, to: question.id)
                #expect(try await store.steps(of: question.id).count == 1)
            }
        }
    }

    @Test("the usage of each failed request before a turn is stored with it", arguments: Backend.allCases)
    func spent(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            #expect(try await store.begin(question) != nil)
            var turn = ModelTurn(
                provider: "anthropic", rawBlocks: [], text: "on", calls: [], stop: .pauseTurn,
                usage: TokenUsage(input: 1), model: "m")
            turn.spent = [
                "n": [TokenUsage(input: 2, output: 3, cacheRead: 4, cacheWrite5m: 5, cacheWrite1h: 6)],
                "m": [TokenUsage(input: 7), TokenUsage(input: 8)],
            ]
            try await store.append(.modelTurn(turn), to: question.id)
            guard case .modelTurn(let kept)? = try await store.journal(of: question.id).first else {
                Issue.record("the turn is not in the journal")
                return
            }
            #expect(kept.spent == turn.spent && kept.usage == turn.usage)
        }
    }

    @Test("the usage of failed requests as an earlier version stored it, summed by model, is read")
    func spentSum() async throws {
        try await Backend.sqlite.withStore { store in
            let question = Samples.question()
            #expect(try await store.begin(question) != nil)
            var turn = ModelTurn(
                provider: "anthropic", rawBlocks: [], text: "on", calls: [], stop: .pauseTurn,
                usage: TokenUsage(input: 1), model: "m")
            turn.spent = ["n": [TokenUsage(input: 2, output: 3)]]
            try await store.append(.modelTurn(turn), to: question.id)
            _ = try await store.database.write { connection in
                let sql = """
                    UPDATE question_steps
                    SET payload = json_set(payload, '$.spent.n', json_extract(payload, '$.spent.n[0]'))
                    """
                return try connection.execute(sql, [])
            }
            guard case .modelTurn(let kept)? = try await store.journal(of: question.id).first else {
                Issue.record("the turn is not in the journal")
                return
            }
            #expect(kept.spent == turn.spent)
        }
    }

    @Test("a wait and each way in which it ends are stored", arguments: Backend.allCases)
    func waits(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            #expect(try await store.begin(question) != nil)
            let (wait, by) = (Samples.wait(), "ada@example.com")
            let answers: [InputAnswer] = [.chosen("the “other”", by: by), .expired, .cancelled(by: by)]
            try await store.append(.waiting(wait), to: question.id)
            for answer in answers { try await store.append(.waitEnded(wait.id, answer), to: question.id) }
            let journal = try await store.journal(of: question.id)
            guard case .waiting(let kept)? = journal.first else {
                Issue.record("the wait is not in the journal")
                return
            }
            #expect(kept == wait)
            let ends = journal.compactMap { step in
                if case .waitEnded(wait.id, let answer) = step { answer } else { nil }
            }
            #expect(ends == answers)
            #expect(try await store.steps(of: question.id).map(\.callID) == ["call-1", nil, nil, nil])
        }
    }

    @Test("a step of a kind that this version does not know is an error", arguments: Backend.allCases)
    func unknownKind(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            #expect(try await store.begin(question) != nil)
            try await store.append(.waiting(Samples.wait()), to: question.id)
            try await store.database.write { try $0.script("UPDATE question_steps SET kind = 'later'") }
            let error = await #expect(throws: StoreError.self) { _ = try await store.journal(of: question.id) }
            #expect(error?.code == .corrupt)
        }
    }

    @Test("the provider of a turn is stored with it; a turn of an earlier version is Anthropic's")
    func provider() async throws {
        try await Backend.sqlite.withStore { store in
            let question = Samples.question()
            #expect(try await store.begin(question) != nil)
            let turn = ModelTurn(
                provider: "openai", rawBlocks: ["{}"], text: "on", calls: [], stop: .pauseTurn, usage: TokenUsage(),
                model: "m")
            try await store.append(.modelTurn(turn), to: question.id)
            func provider() async throws -> String? {
                guard case .modelTurn(let kept)? = try await store.journal(of: question.id).first else { return nil }
                return kept.provider
            }
            let stored = try await provider()
            #expect(stored == "openai")
            _ = try await store.database.write { connection in
                try connection.execute(
                    "UPDATE question_steps SET payload = json_remove(payload, '$.provider')", [])
            }
            let earlier = try await provider()
            #expect(earlier == "anthropic")
        }
    }

    @Test("content for the user only is stored with the result", arguments: Backend.allCases)
    func userContent(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            #expect(try await store.begin(question) != nil)
            var result = ToolResult(content: [.text("drawn")], structured: ["bars": 3])
            result.showUser(image: "iVBORw0KGgo=", mimeType: "image/png", altText: "Bars")
            result.userContent.append(.unknown(["type": "image", "mimeType": "image/png"]))
            try await store.append(Self.turn("let me look", calls: 1), to: question.id)
            try await store.append(.toolStarted(Samples.call("call-0")), to: question.id)
            try await store.append(.toolResult(Samples.call("call-0"), result), to: question.id)
            guard case .toolResult(_, let kept)? = try await store.journal(of: question.id).last else {
                Issue.record("the result is not in the journal")
                return
            }
            #expect(kept == result)
        }
    }

    @Test(
        "a step of a process that has lost its claim is not stored", arguments: Backend.allCases)
    func superseded(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let question = Samples.question()
            let claim = try #require(try await store.begin(question))
            try await store.append(Self.turn("let me look", calls: 1), to: question.id)
            // Raises the epoch in the store, unknown to this process.
            _ = try await store.database.write { connection in
                try connection.execute(
                    "UPDATE questions SET epoch = epoch + 1 WHERE id = $1", [.text(question.id.text)])
            }
            await #expect(throws: StoreError.self) {
                try await store.append(.toolStarted(Samples.call("call-0")), to: question.id)
            }
            #expect(try await store.steps(of: question.id).map(\.kind) == [.modelTurn])
            #expect(try await !store.finish(FinishedQuestion(question, outcome: Samples.answered()), claim))
            #expect(try await store.steps(of: question.id).map(\.kind) == [.modelTurn])
        }
    }
}
