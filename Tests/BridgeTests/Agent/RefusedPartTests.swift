import TestKit
import Testing

@testable import Bridge

@Suite("Parts of a request that the model's provider refuses", .timeLimit(.minutes(2)))
struct RefusedPartTests {
    private static func refusal(_ part: RefusedPart) -> ScriptedModel.Reply {
        var error = BridgeError(.modelRejected, "The provider rejected the request.", cause: "HTTP 400")
        error.refused = part
        return .failure(error)
    }

    @Test("the API refuses a tool: the question is asked again without it, and the next one does not offer it")
    func tool() async throws {
        let shop = FakeShop.answering("look", "bad")
        let fixture = AgentFixture(
            [Self.refusal(.tool("shop__bad")), .calls("shop__look"), .says("Done."), .says("Again.")], shop)
        try await fixture.running { bridge in
            let outcome = await fixture.ask(AgentFixture.question(), bridge)
            #expect(outcome.answered?.text == "Done.")
            let status = bridge.registry.statuses.first
            #expect(status?.leftOut.map(\.name) == ["bad"])
            #expect(status?.state == .healthy && status?.tools == 2)
            #expect(await fixture.ask(AgentFixture.question(), bridge).answered?.text == "Again.")
            // A refresh, as an administrator asks for it, offers it again.
            await bridge.registry.refresh()
            #expect(bridge.registry.statuses.first?.leftOut == [])
        }
        let offered = fixture.model.requests.map { $0.tools.map(\.wireName) }
        #expect(offered == [["shop__bad", "shop__look"], ["shop__look"], ["shop__look"], ["shop__look"]])
        #expect(shop.calls == ["look"])
    }

    @Test("the API refuses every tool, one after the other: the question is answered without tools")
    func all() async throws {
        let shop = FakeShop.answering("a", "b", "c")
        let fixture = AgentFixture(
            ["a", "c", "b"].map { Self.refusal(.tool("shop__\($0)")) } + [.says("Without.")], shop)
        #expect(try await fixture.answer().answered?.text == "Without.")
        #expect(fixture.model.requests.last?.tools.isEmpty == true)
    }

    @Test("the API refuses a tool that was not sent: the question fails")
    func unknown() async throws {
        let fixture = AgentFixture([Self.refusal(.tool("shop__none"))], .answering("look"))
        #expect(try await fixture.answer().failed?.error.code == .modelRejected)
    }

    @Test("the API refuses an image: the model is told in words that there is one; without an image the question fails")
    func image() async throws {
        let shop = FakeShop.with("draw") { _ in
            ToolResult(content: [.text("a chart"), .image(data: "iVBORw0KGgo=", mimeType: "image/png")])
        }
        let fixture = AgentFixture(
            [.calls("shop__draw"), Self.refusal(.image), .says("Seen."), Self.refusal(.image)], shop)
        try await fixture.running { bridge in
            let outcome = await fixture.ask(AgentFixture.question(), bridge)
            #expect(outcome.answered?.text == "Seen.")
            // The user still gets it.
            #expect(outcome.answered?.files.files.count == 1)
            #expect(await fixture.ask(AgentFixture.question(), bridge).failed != nil)
        }
        let told = fixture.model.requests[2].lastResults.first?.result.content
        #expect(told?.count == 2 && told?.allSatisfy { if case .text = $0 { true } else { false } } == true)
    }
}
