import Testing

@testable import Bridge

@Suite("A direct call without a result", .timeLimit(.minutes(1)))
struct DirectCallTests {
    private func call(_ shop: FakeShop) async throws -> (outcome: QuestionOutcome, journal: RecordingJournal) {
        let fixture = AgentFixture([], shop)
        let outcome = try await fixture.running { bridge in
            let snapshot = SettingsSnapshot(
                generation: 1, policy: Policy(fixture.rules), model: fixture.settings, limits: fixture.limits)
            var question = AgentFixture.question()
            question.call = NamedToolCall(ToolName(server: "shop", tool: "look"), arguments: [:])
            return await bridge.answer(question, under: snapshot) { _ in }.outcome
        }
        return (outcome, fixture.journal)
    }

    @Test(
        "its error and its duration are in the journal and in the outcome",
        arguments: [(true, .unknown), (false, .failed)] as [(Bool, ToolActivity.Outcome)])
    func failed(mayHaveHappened: Bool, recorded: ToolActivity.Outcome) async throws {
        let shop = FakeShop.with("look") { _ in
            try await Task.sleep(for: .milliseconds(30))
            throw ToolCallError("The shop gave no result.", mayHaveHappened: mayHaveHappened)
        }
        let (outcome, journal) = try await call(shop)
        #expect(journal.steps.last?.hasPrefix("result direct_1 \(recorded) The shop gave no result.") == true)
        guard case .toolResult(let stored, let result)? = journal.all.last else {
            Issue.record("no result is in the journal")
            return
        }
        #expect(result.isError)
        #expect(stored.milliseconds >= 30 && stored.error == "The shop gave no result.")
        #expect(outcome.failed?.error.code == .toolFailed)
        #expect(outcome.usage.calls == [stored])
    }

    @Test("a call that a cancellation broke off is in the journal as unknown")
    func cancelled() async throws {
        let (outcome, journal) = try await call(.with("look") { _ in throw CancellationError() })
        #expect(outcome.isCancelled)
        #expect(journal.steps.last?.hasPrefix("result direct_1 unknown The call was broken off.") == true)
    }
}
