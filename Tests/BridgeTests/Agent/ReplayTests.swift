import Foundation
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("Resuming a question from its journal", .timeLimit(.minutes(5)))
struct ReplayTests {
    private static let reading = ToolAnnotations(readOnly: true)
    private static let writing = ToolAnnotations(readOnly: false)

    private static func call(_ id: String, _ tool: String) -> ModelToolCall {
        ModelToolCall(id: id, wireName: "shop__\(tool)", input: [:])
    }

    private static func activity(_ id: String, _ tool: String, _ outcome: ToolActivity.Outcome) -> ToolActivity {
        var activity = ToolActivity(
            id: id, name: ToolName(server: "shop", tool: tool), arguments: [:],
            verdict: Verdict(.allow, step: nil, rule: .builtIn("test"), reason: ""))
        activity.outcome = outcome
        return activity
    }

    private static func shop() -> FakeShop {
        FakeShop([
            FakeShop.Tool(name: "read", annotations: reading) { _ in .text("fresh") },
            FakeShop.Tool(name: "write", annotations: writing) { _ in .text("written") },
            FakeShop.Tool(name: "silent", annotations: ToolAnnotations()) { _ in .text("written") },
        ])
    }

    /// Resumes a question whose journal holds these steps; the model's next turn is "Done.".
    private func resume(_ steps: [QuestionStep], _ shop: FakeShop) async throws -> (QuestionOutcome, AgentFixture) {
        var fixture = AgentFixture([.says("Done.")], shop)
        fixture.journal = RecordingJournal(earlier: steps)
        let settled = fixture
        let outcome = try await fixture.running { bridge in
            let question = AgentFixture.question()
            let snapshot = SettingsSnapshot(
                generation: 1, policy: Policy(settled.rules), model: settled.settings, limits: settled.limits)
            return await bridge.answer(question, under: snapshot, resuming: settled.journal.earlier) { _ in }.outcome
        }
        return (outcome, fixture)
    }

    @Test("neither a stored model turn nor a call with a stored result is repeated")
    func complete() async throws {
        let shop = Self.shop()
        let steps: [QuestionStep] = [
            .modelTurn(ModelTurn.scripted(calls: [Self.call("1", "write")])),
            .toolStarted(Self.activity("1", "write", .running)),
            .toolResult(Self.activity("1", "write", .succeeded), .text("written before")),
        ]
        let (outcome, fixture) = try await resume(steps, shop)
        #expect(outcome.answered?.text == "Done.")
        #expect(shop.calls.isEmpty)
        #expect(outcome.usage.iterations == 2)
        #expect(outcome.usage.tokens.input >= 100, "the turn before is charged")
        #expect(outcome.usage.calls.map(\.outcome) == [.succeeded])
        #expect(fixture.model.requests.count == 1)
        #expect(fixture.model.requests.first?.lastResults.first?.result == .text("written before"))
        #expect(fixture.journal.steps == ["turn Done."])
    }

    @Test("an image for the user is in the answer and not in the model's request, also from a stored result")
    func images() async throws {
        var result = ToolResult.text("drawn")
        result.showUser(image: "iVBORw0KGgo=", mimeType: "image/png", altText: "Bars")
        let drawn = result
        let steps: [QuestionStep] = [
            .modelTurn(ModelTurn.scripted(calls: [Self.call("1", "read"), Self.call("2", "read")])),
            .toolStarted(Self.activity("1", "read", .running)),
            .toolResult(Self.activity("1", "read", .succeeded), drawn),
        ]
        let shop = FakeShop.with("read") { _ in drawn }
        let (outcome, fixture) = try await resume(steps, shop)
        let files = try #require(outcome.answered?.files)
        // The stored result and the new one have the same image, which an answer has once.
        #expect(files.files.map(\.altText) == ["Bars"] && files.leftOut == 0)
        #expect(fixture.model.requests.first?.lastResults.map(\.result) == [.text("drawn"), .text("drawn")])
        let stored = fixture.journal.all.compactMap { step -> ToolResult? in
            if case .toolResult(_, let result) = step { result } else { nil }
        }
        #expect(stored == [drawn])
    }

    @Test("a read-only call without a result is repeated")
    func reading() async throws {
        let shop = Self.shop()
        let steps: [QuestionStep] = [
            .modelTurn(ModelTurn.scripted(calls: [Self.call("1", "read")])),
            .toolStarted(Self.activity("1", "read", .running)),
        ]
        let (outcome, _) = try await resume(steps, shop)
        #expect(shop.calls == ["read"])
        #expect(outcome.usage.calls.map(\.outcome) == [.succeeded])
    }

    @Test(
        "a call without a result that writes, or may write, is not repeated: its outcome is reported as unknown",
        arguments: ["write", "silent"])
    func writing(_ tool: String) async throws {
        let shop = Self.shop()
        let steps: [QuestionStep] = [
            .modelTurn(ModelTurn.scripted(calls: [Self.call("1", tool), Self.call("2", "read")])),
            .toolStarted(Self.activity("1", tool, .running)),
        ]
        let (outcome, fixture) = try await resume(steps, shop)
        #expect(shop.calls == ["read"], "the call that never began is made")
        #expect(outcome.usage.calls.map(\.outcome) == [.unknown, .succeeded])
        let told = fixture.model.requests.first?.lastResults.first?.result
        #expect(told?.isError == true)
        #expect(told?.text.contains("not known whether it took effect") == true)
        // The two calls run at the same time, so that their steps have no fixed order.
        #expect(fixture.journal.steps.contains { $0.hasPrefix("result 1 unknown") })
    }

    @Test("a call whose server no longer exists has an unknown outcome")
    func serverGone() async throws {
        let steps: [QuestionStep] = [
            .modelTurn(ModelTurn.scripted(calls: [Self.call("1", "vanished")])),
            .toolStarted(Self.activity("1", "vanished", .running)),
        ]
        let (outcome, _) = try await resume(steps, Self.shop())
        #expect(outcome.usage.calls.map(\.outcome) == [.unknown])
    }

    @Test("a complete answer is returned without another model request")
    func answered() async throws {
        let (outcome, fixture) = try await resume([.modelTurn(.scripted("All is well."))], Self.shop())
        #expect(outcome.answered?.text == "All is well.")
        #expect(fixture.model.requests.isEmpty)
    }

    @Test("a call that writes is not made when its start cannot be stored; one that reads is")
    func unnoted() async throws {
        let shop = Self.shop()
        var fixture = AgentFixture([.calls("shop__write", "shop__read"), .says("Done.")], shop)
        fixture.journal = RecordingJournal(fails: true)
        let outcome = try await fixture.answer()
        #expect(outcome.answered != nil)
        #expect(shop.calls == ["read"])
    }

    @Test("interrupted after any step, a question is finished with each writing call made once at most")
    func everywhere() async throws {
        let shop = Self.shop()
        let script: [ScriptedModel.Reply] = [
            .calls("shop__write", "shop__read"), .calls("shop__read", "shop__write"), .says("Done."),
        ]
        let whole = AgentFixture(script, shop)
        let first = try await whole.answer()
        #expect(first.answered != nil)
        let steps = whole.journal.all
        #expect(steps.count == 3 + 2 * 4)
        for count in 0...steps.count {
            let turns = steps.prefix(count).count { if case .modelTurn = $0 { true } else { false } }
            let began = steps.prefix(count).count {
                if case .toolStarted(let call) = $0 { call.name.tool == "write" } else { false }
            }
            let again = Self.shop()
            var fixture = AgentFixture(Array(script.dropFirst(turns)), again)
            fixture.journal = RecordingJournal(earlier: Array(steps.prefix(count)))
            let settled = fixture
            let outcome = try await fixture.running { bridge in
                let snapshot = SettingsSnapshot(
                    generation: 1, policy: Policy(settled.rules), model: settled.settings, limits: settled.limits)
                return await bridge.answer(AgentFixture.question(), under: snapshot, resuming: settled.journal.earlier)
                { _ in }.outcome
            }
            #expect(outcome.answered?.text == "Done.", "after \(count) steps")
            #expect(again.calls.count { $0 == "write" } + began == 2, "after \(count) steps")
            #expect(outcome.usage.iterations == 3)
            #expect(outcome.usage.calls.count == 4)
        }
    }
}
