import Bridge
import Testing

@testable import SlackBot

@Suite("Prompts that are suggested to a user")
struct SuggestedPromptsTests {
    private static func tool(
        _ server: String, _ name: String, reads: Bool? = true, required: [JSONValue] = []
    ) -> ToolDefinition {
        ToolDefinition(
            name: ToolName(server: server, tool: name), description: "",
            inputSchema: ["type": "object", "required": .array(required)],
            annotations: ToolAnnotations(readOnly: reads))
    }

    private static let servers = ["shop", "bank"].map {
        ServerStatus(name: $0, displayName: $0.uppercased(), state: .healthy, tools: 3)
    }

    private static let tools = [
        tool("bank", "drop_all", reads: false), tool("bank", "guess", reads: nil), tool("bank", "list_accounts"),
        tool("shop", "get_order", required: ["id"]), tool("shop", "list-orders"), tool("shop", "stock"),
        tool(Policy.askBackServer, "choose"),
    ]

    private func texts(_ prompts: [SuggestedPrompt]) -> [String] { prompts.map(\.message) }

    @Test("tools that read without an argument become prompts, one of each server in turn, and the help is the last")
    func byTools() {
        let prompts = SuggestedPrompts.prompts(examples: [], tools: Self.tools, servers: Self.servers)
        #expect(texts(prompts) == ["SHOP: List orders", "BANK: List accounts", "SHOP: Stock", "!help"])
        #expect(prompts.last?.title == UserMessages.helpPrompt)
    }

    @Test("configured examples are taken instead, of which there is room for three")
    func configured() {
        let examples = (1...5).map { "Example \($0)?" }
        let prompts = SuggestedPrompts.prompts(examples: examples, tools: Self.tools, servers: Self.servers)
        #expect(texts(prompts) == ["Example 1?", "Example 2?", "Example 3?", "!help"])
    }

    @Test("who may use no tool is offered the help only")
    func none() {
        let own = [Self.tool(Policy.askBackServer, "choose")]
        for tools in [[], own] {
            let prompts = SuggestedPrompts.prompts(examples: ["Example?"], tools: tools, servers: Self.servers)
            #expect(texts(prompts) == ["!help"])
        }
    }
}
