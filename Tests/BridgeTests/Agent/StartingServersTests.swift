import TestKit
import Testing

@testable import Bridge

@Suite("Servers that are still starting", .timeLimit(.minutes(1)))
struct StartingServersTests {
    private static let hung = FakeShop([.init(name: "look") { _ in .text("seen") }], server: "hung", isOpen: false)

    /// Everybody may use the shop; only those who list it may use the server that hangs.
    private static func world(limit: Duration) -> AgentWorld {
        var world = AgentWorld([.says("Fine.")], .answering("look"), hung)
        world.limits.startingServers = limit
        world.rules.defaultServers = Sourced(.listed(["shop": .all]), .builtIn("default_user.allowed_mcps"))
        return world
    }

    @Test("a question waits for none that its asker may not use, and does not name it")
    func notTheirs() async throws {
        let world = Self.world(limit: .seconds(600))
        let ending = try await world.answer(AgentWorld.question(by: AgentWorld.person("dba")))
        #expect(ending.answered?.text == "Fine.")
        #expect(world.model.requests.first?.spoken.joined().contains("hung") == false)
    }

    @Test("a question waits for one that its asker may use, to the limit, and then says that it is missing")
    func theirs() async throws {
        let world = Self.world(limit: .milliseconds(50))
        let start = ContinuousClock.now
        let ending = try await world.answer(AgentWorld.question(by: AgentWorld.person("admin")))
        #expect(ending.answered?.text == "Fine.")
        #expect(ContinuousClock.now - start >= .milliseconds(50))
        #expect(world.model.requests.first?.spoken.joined().contains("The hung") == true)
    }

    @Test("a direct call waits for its own server only")
    func directCall() async throws {
        let world = Self.world(limit: .seconds(600))
        let text = try await world.running { bridge in
            let snapshot = Snapshot(
                generation: 1, policy: Policy(world.rules), model: world.settings, limits: world.limits)
            let call = DirectCall(
                registry: bridge.registry, journal: world.journal, currentRights: bridge.currentRights,
                logger: AgentWorld.logger)
            let name = ToolName(server: "shop", tool: "look")
            let outcome = await call.run(name, arguments: [:], for: AgentWorld.question(), under: snapshot)
            return outcome.result?.text
        }
        #expect(text == "result of look")
    }

    @Test("the limit is two seconds")
    func limit() { #expect(AnswerLimits().startingServers == .seconds(2)) }
}
