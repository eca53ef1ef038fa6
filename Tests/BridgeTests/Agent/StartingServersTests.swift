import TestKit
import Testing

@testable import Bridge

@Suite("Servers that are still starting", .timeLimit(.minutes(1)))
struct StartingServersTests {
    private static let hung = FakeShop([.init(name: "look") { _ in .text("seen") }], server: "hung", isOpen: false)

    /// All users may use the shop; only those who list it may use the server that hangs.
    private static func fixture(limit: Duration) -> AgentFixture {
        var fixture = AgentFixture([.says("Fine.")], .answering("look"), hung)
        fixture.limits.startingServers = limit
        fixture.rules.defaultServers = Sourced(.listed(["shop": .all]), .builtIn("default_user.allowed_mcps"))
        return fixture
    }

    @Test("a question does not wait for a server that its asker may not use, and does not name it")
    func notTheirs() async throws {
        let fixture = Self.fixture(limit: .seconds(600))
        let outcome = try await fixture.answer(AgentFixture.question(by: AgentFixture.person("dba")))
        #expect(outcome.answered?.text == "Fine.")
        #expect(fixture.model.requests.first?.spoken.joined().contains("hung") == false)
    }

    @Test("a question waits for a server that its asker may use, up to the limit, and then names it as missing")
    func theirs() async throws {
        let fixture = Self.fixture(limit: .milliseconds(50))
        let start = ContinuousClock.now
        let outcome = try await fixture.answer(AgentFixture.question(by: AgentFixture.person("admin")))
        #expect(outcome.answered?.text == "Fine.")
        #expect(ContinuousClock.now - start >= .milliseconds(50))
        #expect(fixture.model.requests.first?.spoken.joined().contains("The hung") == true)
    }

    @Test("a direct call waits for its own server only")
    func directCall() async throws {
        let fixture = Self.fixture(limit: .seconds(600))
        let text = try await fixture.running { bridge in
            let snapshot = SettingsSnapshot(
                generation: 1, policy: Policy(fixture.rules), model: fixture.settings, limits: fixture.limits)
            var question = AgentFixture.question()
            question.call = NamedToolCall(ToolName(server: "shop", tool: "look"), arguments: [:])
            return await bridge.answer(question, under: snapshot) { _ in }.outcome.answered?.text
        }
        #expect(text == "result of look")
    }

    @Test("the limit is two seconds")
    func limit() { #expect(AnswerLimits().startingServers == .seconds(2)) }
}
