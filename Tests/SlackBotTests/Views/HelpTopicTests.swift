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
