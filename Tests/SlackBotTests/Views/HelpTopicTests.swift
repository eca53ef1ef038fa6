import Bridge
import Testing

@testable import SlackBot

@Suite("The topics of /omni-help")
struct HelpTopicTests {
    private let shop = HelpView.Server(
        status: ServerStatus(name: "shop", displayName: "The Shop", state: .degraded, tools: 20),
        tools: (1...20).map { number in
            ToolDefinition(
                name: ToolName(server: "shop", tool: "tool_\(number)"), description: "Does <\(number)>.\nAnd more.",
                inputSchema: [
                    "type": "object", "properties": ["limit": ["type": "integer"], "name": ["type": "string"]],
                    "required": ["name"],
                ])
        })
    private let forbidden = HelpView.Server(
        status: ServerStatus(name: "vault", displayName: "Vault", state: .healthy, tools: 3), tools: [])

    @Test("a topic is one of six words, or a server of which the user may use a tool")
    func topics() {
        let servers = [shop, forbidden]
        func name(_ text: String) -> String? { HelpTopic(text, servers: servers).map { "\($0)" } }
        for topic in ["tools", "servers", "commands", "examples", "limits"] {
            #expect(name(topic.uppercased()) == topic)
        }
        #expect(name("permissions") == "limits")
        for server in ["shop", "the shop"] {
            guard case .server(let found) = HelpTopic(server, servers: servers) else {
                Issue.record("no topic \(server)")
                continue
            }
            #expect(found.status.name == "shop")
        }
        for text in ["vault", "", "help", "hello there"] { #expect(name(text) == nil, "\(text)") }
    }

    @Test("a server's tools are shown as /omni-tool takes them: required arguments first, optional ones in brackets")
    func server() {
        let text = HelpView.server(shop)
        #expect(text.contains("• `shop tool_1 name=… [limit=…]` Does &lt;1&gt;."))
        #expect(text.contains("tool_20") && !text.contains("And more"))
        #expect(text.hasPrefix("*The Shop* (degraded)"))
    }

    @Test("many tools are cut with the way to the rest; a server without tools for the user is not named")
    func tools() {
        let text = HelpView.tools([shop, forbidden])
        #expect(text.contains("`tool_15`") && !text.contains("tool_16"))
        #expect(text.contains("… and 5 more: `/omni-help shop`"))
        #expect(!text.contains("Vault") && !HelpView.servers([shop, forbidden]).contains("Vault"))
        #expect(HelpView.servers([shop]).contains("20 tools"))
        #expect(HelpView.tools([forbidden]) == HelpView.noTools)
    }

    @Test("the overview has five examples of the commands that the user may use, and the topic has all")
    func examples() throws {
        var ask = try #require(SlackSettings.Command.defaults["/omni"])
        ask.examples = ["What is <slow>?"] + (2...4).map { "question \($0)" }
        var tool = try #require(SlackSettings.Command.defaults["/omni-tool"])
        tool.examples = ["shop tool_1 name=a", "/omni-tool shop tool_2 name=b"]
        let all = HelpView.examples([ask, tool]).split(separator: "\n")
        #expect(all.count == 6 && all.first == "• `/omni What is &lt;slow&gt;?`")
        #expect(all.suffix(2) == ["• `/omni-tool shop tool_1 name=a`", "• `/omni-tool shop tool_2 name=b`"])
        let principal = Principal(email: "a@b.c", name: "A", role: "dba", source: .builtIn("test"))
        let overview = HelpView.text(principal, role: nil, servers: [], commands: [ask, tool])
        #expect(overview.contains("\n• `/omni question 4`\n• `/omni-tool shop tool_1 name=a`\n"))
        #expect(!overview.contains("tool_2"))
        #expect(overview.contains("`/omni-tool [server] [tool] [key=value …]` Call one tool"))
        #expect(!HelpView.text(principal, role: nil, servers: [], commands: []).contains("•"))
        #expect(HelpView.examples([]) == "No examples are configured.")
    }

    private func server(_ number: Int, tools: Int, argument: String = "a") -> HelpView.Server {
        var properties: JSONObject = [:]
        for number in 1...5 { properties["\(argument)\(number)"] = ["type": "string"] }
        let schema: JSONValue = ["type": "object", "properties": .object(properties)]
        return HelpView.Server(
            status: ServerStatus(name: "hub_\(number)", displayName: "Hub \(number)", state: .healthy, tools: tools),
            tools: (1...tools).map { tool in
                ToolDefinition(
                    name: ToolName(server: "hub_\(number)", tool: "list_\(tool)"),
                    description: String(repeating: "Lists it. ", count: 12), inputSchema: schema)
            })
    }

    /// The text as people see it in the message.
    private func shown(_ text: String) -> String {
        SectionView.message(text).blocks.compactMap { $0["text"]?["text"]?.string }.joined(separator: "\n")
    }

    @Test("of a server with a hundred tools every name can be read: without descriptions, or without arguments too")
    func manyTools() {
        let calls = shown(HelpView.server(server(1, tools: 100)))
        let names = shown(HelpView.server(server(1, tools: 100, argument: String(repeating: "long", count: 6))))
        for tool in 1...100 {
            #expect(calls.contains("`hub_1 list_\(tool) [a") && names.contains("`hub_1 list_\(tool)`"), "\(tool)")
        }
        #expect(!calls.contains("Lists it"))
        let most = shown(HelpView.server(server(1, tools: 1_000)))
        let count = most.matches(of: #/`hub_1 list_\d+`/#).count
        #expect(count > 100 && most.contains("… and \(1_000 - count) more"))
    }

    @Test("of many servers each has its line in the tools and in the overview, which ends with commands and topics")
    func manyServers() throws {
        let few = (1...6).map { server($0, tools: 20) }
        let tools = shown(HelpView.tools(few))
        for number in 1...6 {
            #expect(tools.contains("*Hub \(number)*") && tools.contains(": `/omni-help hub_\(number)`"))
        }
        #expect(tools.contains("`list_6`"))
        let many = (1...60).map { server($0, tools: 20) }
        let principal = Principal(email: "a@b.c", name: "A", role: "dba", source: .builtIn("test"))
        let ask = try #require(SlackSettings.Command.defaults["/omni"])
        let overview = shown(
            HelpView.text(
                principal, role: nil, servers: many.map { ($0.status, $0.tools.map(\.name.tool)) },
                commands: [ask]))
        for number in 1...60 { #expect(overview.contains("*Hub \(number)*")) }
        #expect(overview.contains("`/omni [question]`") && overview.contains("!retry"))
        let most = (1...400).map { server($0, tools: 1) }
        for list in [shown(HelpView.tools(most)), shown(HelpView.servers(most))] {
            #expect(list.contains(" more servers") && !list.hasSuffix("…"))
        }
    }

    @Test("the limits name the topics and databases of a restricted user")
    func limits() throws {
        let settings = try #require(ConfigFixtures.load(["settings.yaml": "question: {deadline_seconds: 90}"]).settings)
        let snapshot = LiveSettings(settings).snapshot
        func text(_ domains: [String]?, _ databases: [String]?) -> String {
            HelpView.limits(
                Principal(
                    email: "a@b.c", name: "A", role: "dba", domains: domains, databases: databases,
                    source: .builtIn("test")), snapshot)
        }
        let restricted = text(["sql_help"], ["shop", "pay"])
        #expect(restricted.contains("`sql_help`") && restricted.contains("`shop`, `pay`"))
        #expect(restricted.contains("30 seconds"))
        #expect(text([], []).contains("databases that you may use: none"))
        for free in [text(nil, nil), text(["*"], ["*"])] {
            #expect(!free.contains("databases") && !free.contains("answer about"))
        }
    }
}
