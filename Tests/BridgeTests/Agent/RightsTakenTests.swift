import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("A right taken from a user while their question runs", .timeLimit(.minutes(5)))
struct RightsTakenTests {
    private static func dba(servers: ServerAccess? = nil, databases: [String]? = nil) -> Principal {
        Principal(
            email: "ana@acme.example", name: "Ana", role: "dba", servers: servers, databases: databases,
            source: .builtIn("users[0]"))
    }

    /// The outcome of a model's call of `drop_index` when the asker, a dba at the start, has become `now`.
    private func outcome(now: Principal?) async throws -> (QuestionOutcome, FakeShop, AgentFixture) {
        let shop = FakeShop.answering("drop_index")
        let call = ScriptedModel.Reply.call("shop__drop_index", ["database": "shop"])
        var fixture = AgentFixture([call, .says("It is said.")], shop)
        fixture.principalNow = { _ in now }
        let outcome = try await fixture.answer(AgentFixture.question(by: Self.dba()))
        return (outcome, shop, fixture)
    }

    @Test("a user demoted during an answer can no longer drop an index")
    func demoted() async throws {
        let (outcome, shop, fixture) = try await outcome(now: AgentFixture.person("read_only"))
        #expect(fixture.model.requests[0].tools.count == 1, "it was offered at the start")
        #expect(shop.calls.isEmpty)
        let activity = try #require(outcome.usage.calls.first)
        #expect(activity.outcome == .denied)
        #expect(activity.verdict.step == .role)
        #expect(activity.verdict.rule.file == "users.yaml")
    }

    @Test("a user who loses a server or a database during an answer makes no more calls there")
    func narrowed() async throws {
        let (noServer, first, _) = try await outcome(now: Self.dba(servers: .listed([:])))
        #expect(first.calls.isEmpty)
        #expect(noServer.usage.calls.map(\.verdict.step) == [.user])
        let (noDatabase, second, _) = try await outcome(now: Self.dba(databases: ["other"]))
        #expect(second.calls.isEmpty)
        #expect(noDatabase.usage.calls.map(\.verdict.step) == [.databases])
    }

    @Test("a user disabled during an answer makes no more calls, and the model is told why")
    func switchedOff() async throws {
        let (outcome, shop, fixture) = try await outcome(now: nil)
        #expect(shop.calls.isEmpty)
        let activity = try #require(outcome.usage.calls.first)
        #expect(activity.outcome == .denied)
        #expect(activity.verdict.step == .user)
        #expect("\(activity.verdict.rule)" == "store users.is_active")
        let told = try #require(fixture.model.requests[1].lastResults.first).result.text
        #expect(told.contains("the access of Ana was switched off"))
    }

    @Test("a right granted during an answer does not apply to it")
    func promoted() async throws {
        let shop = FakeShop.answering("drop_index")
        var fixture = AgentFixture([.calls("shop__drop_index"), .says("I may not.")], shop)
        fixture.principalNow = { _ in AgentFixture.person("admin") }
        let outcome = try await fixture.answer(AgentFixture.question(by: AgentFixture.person("read_only")))
        #expect(shop.calls.isEmpty)
        #expect(outcome.usage.calls.map(\.verdict.step) == [.role])
    }

    @Test("a change applies from one call to the next of the same question")
    func betweenCalls() async throws {
        let isDemoted = NIOLockedValueBox(false)
        let shop = FakeShop([
            .init(name: "drop_first") { _ in
                isDemoted.withLockedValue { $0 = true }
                return .text("dropped")
            },
            .init(name: "drop_second") { _ in .text("dropped") },
        ])
        var fixture = AgentFixture([.calls("shop__drop_first"), .calls("shop__drop_second"), .says("One.")], shop)
        fixture.principalNow = { asker in isDemoted.withLockedValue { $0 } ? AgentFixture.person("read_only") : asker }
        let outcome = try await fixture.answer(AgentFixture.question(by: Self.dba()))
        #expect(shop.calls == ["drop_first"])
        #expect(outcome.usage.calls.map(\.outcome) == [.succeeded, .denied])
    }

    @Test("a demoted or disabled user is not given earlier tool results of the thread")
    func history() async throws {
        func recalled(now: Principal?) async throws -> String {
            var fixture = AgentFixture([.says("Fine.")], .answering("drop_index"))
            let call = ConversationTurn.Call(
                name: ToolName(server: "shop", tool: "drop_index"), arguments: [:], result: "rows of drop_index")
            fixture.conversations.turns = [
                ConversationTurn(
                    asker: "bo@acme.example", askerName: "Bo", text: "Drop it.", outcome: .answered("Dropped."),
                    calls: [call])
            ]
            fixture.principalNow = { _ in now }
            _ = try await fixture.answer(AgentFixture.question(by: Self.dba()))
            return fixture.model.requests[0].spoken.joined()
        }
        #expect(try await recalled(now: Self.dba()).contains("rows of drop_index"))
        for now in [AgentFixture.person("read_only"), nil] {
            let text = try await recalled(now: now)
            #expect(text.contains("Dropped.") && !text.contains("rows of drop_index"))
        }
    }

    @Test("a direct call of a user who was demoted or disabled meanwhile is refused")
    func directCall() async throws {
        for now in [AgentFixture.person("read_only"), nil] {
            let shop = FakeShop.answering("drop_index")
            var fixture = AgentFixture([], shop)
            fixture.principalNow = { _ in now }
            let asked = fixture
            let outcome = try await asked.running { bridge in
                let snapshot = SettingsSnapshot(
                    generation: 1, policy: Policy(asked.rules), model: asked.settings, limits: asked.limits)
                var question = AgentFixture.question(by: Self.dba())
                question.call = NamedToolCall(ToolName(server: "shop", tool: "drop_index"), arguments: [:])
                return await bridge.answer(question, under: snapshot) { _ in }.outcome
            }
            #expect(shop.calls.isEmpty)
            #expect(outcome.refused?.message.contains("shop.drop_index may not be called") == true)
        }
    }
}
