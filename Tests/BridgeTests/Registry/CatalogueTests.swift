import Testing

@testable import Bridge

@Suite("The catalogue of tools")
struct CatalogueTests {
    private func catalogue(_ state: ServerStatus.State, offers tools: [String]) -> Catalogue {
        Catalogue(
            tools: tools.map {
                ToolDefinition(
                    name: ToolName(server: "shop", tool: $0), description: "", inputSchema: ["type": "object"])
            },
            servers: [ServerStatus(name: "shop", displayName: "Shop", state: state, tools: 1)])
    }

    @Test("a tool certainly does not exist at an unknown server and at one whose tools are known")
    func lacks() {
        let sell = ToolName(server: "shop", tool: "sell")
        for state in [ServerStatus.State.healthy, .degraded] {
            #expect(catalogue(state, offers: ["look"]).lacks(sell), "\(state)")
            #expect(!catalogue(state, offers: ["look", "sell"]).lacks(sell), "\(state)")
        }
        for state in [ServerStatus.State.starting, .unhealthy, .disabled] {
            #expect(!catalogue(state, offers: []).lacks(sell), "\(state)")
        }
        #expect(Catalogue.empty.lacks(sell))
    }
}
