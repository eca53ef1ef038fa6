import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("A right that is taken from a person while their question runs")
struct RightsTakenTests {
    private static func dba(servers: ServerAccess? = nil, databases: [String]? = nil) -> Principal {
        Principal(
            email: "ana@acme.example", name: "Ana", role: "dba", servers: servers, databases: databases,
            source: .builtIn("users[0]"))
    }

    /// What a model's call of `drop_index` comes to when the asker, a dba at the start, is `now` somebody else.
    private func outcome(now: Principal?) async throws -> (Ending, FakeShop, AgentWorld) {
        let shop = FakeShop.answering("drop_index")
        let call = ScriptedModel.Reply.call("shop__drop_index", ["database": "shop"])
        var world = AgentWorld([call, .says("It is said.")], shop)
        world.principalNow = { _ in now }
        let ending = try await world.answer(AgentWorld.question(by: Self.dba()))
        return (ending, shop, world)
    }

    @Test("who is demoted in mid-answer drops nothing any more")
    func demoted() async throws {
        let (ending, shop, world) = try await outcome(now: AgentWorld.person("read_only"))
        #expect(world.model.requests[0].tools.count == 1, "it was offered at the start")
        #expect(shop.calls.isEmpty)
        let activity = try #require(ending.usage.calls.first)
        #expect(activity.outcome == .denied)
        #expect(activity.verdict.step == .role)
        #expect(activity.verdict.rule.file == "users.yaml")
    }

    @Test("who loses a server or a database in mid-answer calls nothing there any more")
    func narrowed() async throws {
        let (noServer, first, _) = try await outcome(now: Self.dba(servers: .listed([:])))
        #expect(first.calls.isEmpty)
        #expect(noServer.usage.calls.map(\.verdict.step) == [.user])
        let (noDatabase, second, _) = try await outcome(now: Self.dba(databases: ["other"]))
        #expect(second.calls.isEmpty)
        #expect(noDatabase.usage.calls.map(\.verdict.step) == [.databases])
    }

    @Test("whose access is switched off in mid-answer calls nothing any more, and the model is told why")
    func switchedOff() async throws {
        let (ending, shop, world) = try await outcome(now: nil)
        #expect(shop.calls.isEmpty)
        let activity = try #require(ending.usage.calls.first)
        #expect(activity.outcome == .denied)
        #expect(activity.verdict.step == .user)
        #expect("\(activity.verdict.rule)" == "store users.is_active")
        let told = try #require(world.model.requests[1].lastResults.first).result.text
        #expect(told.contains("the access of Ana was switched off"))
    }

    @Test("a right that is given to a person in mid-answer does not count in it")
    func promoted() async throws {
        let shop = FakeShop.answering("drop_index")
        var world = AgentWorld([.calls("shop__drop_index"), .says("I may not.")], shop)
        world.principalNow = { _ in AgentWorld.person("admin") }
        let ending = try await world.answer(AgentWorld.question(by: AgentWorld.person("read_only")))
        #expect(shop.calls.isEmpty)
        #expect(ending.usage.calls.map(\.verdict.step) == [.role])
    }

    @Test("it counts from one call to the next of the same question")
    func betweenCalls() async throws {
        let isDemoted = NIOLockedValueBox(false)
        let shop = FakeShop([
            .init(name: "drop_first") { _ in
                isDemoted.withLockedValue { $0 = true }
                return .text("dropped")
            },
            .init(name: "drop_second") { _ in .text("dropped") },
        ])
        var world = AgentWorld([.calls("shop__drop_first"), .calls("shop__drop_second"), .says("One.")], shop)
        world.principalNow = { asker in isDemoted.withLockedValue { $0 } ? AgentWorld.person("read_only") : asker }
        let ending = try await world.answer(AgentWorld.question(by: Self.dba()))
        #expect(shop.calls == ["drop_first"])
        #expect(ending.usage.calls.map(\.outcome) == [.succeeded, .denied])
    }

    @Test("who is demoted or switched off is not told what tools returned earlier in the thread")
    func recall() async throws {
        func recalled(now: Principal?) async throws -> String {
            var world = AgentWorld([.says("Fine.")], .answering("drop_index"))
            let call = ConversationTurn.Call(
                name: ToolName(server: "shop", tool: "drop_index"), arguments: [:], result: "rows of drop_index")
            world.conversations.turns = [
                ConversationTurn(
                    asker: "bo@acme.example", askerName: "Bo", text: "Drop it.", outcome: .answered("Dropped."),
                    calls: [call])
            ]
            world.principalNow = { _ in now }
            _ = try await world.answer(AgentWorld.question(by: Self.dba()))
            return world.model.requests[0].spoken.joined()
        }
        #expect(try await recalled(now: Self.dba()).contains("rows of drop_index"))
        for now in [AgentWorld.person("read_only"), nil] {
            let text = try await recalled(now: now)
            #expect(text.contains("Dropped.") && !text.contains("rows of drop_index"))
        }
    }

    @Test("a direct call of somebody who was demoted or switched off meanwhile is refused")
    func directCall() async throws {
        for now in [AgentWorld.person("read_only"), nil] {
            let shop = FakeShop.answering("drop_index")
            var world = AgentWorld([], shop)
            world.principalNow = { _ in now }
            let asked = world
            let ending = try await asked.running { bridge in
                let snapshot = Snapshot(
                    generation: 1, policy: Policy(asked.rules), model: asked.settings, limits: asked.limits)
                let call = DirectCall(
                    registry: bridge.registry, journal: asked.journal, currentRights: bridge.currentRights,
                    logger: AgentWorld.logger)
                let name = ToolName(server: "shop", tool: "drop_index")
                let question = AgentWorld.question(by: Self.dba())
                return await call.run(name, arguments: [:], for: question, under: snapshot).ending
            }
            #expect(shop.calls.isEmpty)
            #expect(ending.refused?.message.contains("shop.drop_index may not be called") == true)
        }
    }
}
