import Testing

@testable import Bridge

@Suite("Finding tools by words")
struct ToolIndexTests {
    private static func tool(_ name: String, _ description: String = "", title: String? = nil, schema: JSONValue = [:])
        -> ToolDefinition
    {
        ToolDefinition(
            name: ToolName(server: "s", tool: name), title: title, description: description, inputSchema: schema)
    }

    private func names(_ matches: [ToolIndex.Match]) -> [String] { matches.map(\.tool.name.tool) }

    @Test("a word in the name counts more than one in the title, the description, a parameter")
    func weights() {
        let index = ToolIndex([
            Self.tool("d", "one two", schema: ["properties": ["invoice": ["type": "string"]]]),
            Self.tool("c", "invoice two"), Self.tool("b", "two three", title: "Invoice"), Self.tool("invoice", "two"),
        ])
        #expect(names(index.search("invoices", limit: 10)) == ["invoice", "b", "c", "d"])
    }

    @Test("a rare word decides over a common one")
    func rarity() {
        let index = ToolIndex([
            Self.tool("a", "reports of sales"), Self.tool("b", "reports of stock"),
            Self.tool("c", "reports of refunds"),
        ])
        #expect(names(index.search("reports about refunds", limit: 1)) == ["c"])
    }

    @Test("a tool that matches more of the question's words ranks higher, and the words are counted")
    func coverage() throws {
        let index = ToolIndex([Self.tool("list_orders"), Self.tool("list_open_orders"), Self.tool("list_invoices")])
        let matches = index.search("open orders", limit: 3)
        #expect(names(matches) == ["list_open_orders", "list_orders"])
        #expect(matches.map(\.terms) == [2, 1])
    }

    @Test("ties are ordered by name, for any order of the tools")
    func ties() {
        let tools = ["b", "c", "a"].map { Self.tool($0, "weather") }
        #expect(names(ToolIndex(tools).search("weather", limit: 3)) == ["a", "b", "c"])
        #expect(names(ToolIndex(tools.reversed()).search("weather", limit: 2)) == ["a", "b"])
    }

    @Test("no tool is found for empty text, stop words, unknown words, in an empty index, or with a limit of zero")
    func nothing() {
        let index = ToolIndex([Self.tool("list_orders", "The orders of a shop.")])
        for text in ["", " ?!", "please show me the", "zebra"] {
            #expect(index.search(text, limit: 5).isEmpty, "\(text)")
        }
        #expect(ToolIndex([]).search("orders", limit: 5).isEmpty)
        #expect(index.search("orders", limit: 0).isEmpty)
    }

    @Test("the same tools and text give bit-identical scores")
    func determinism() {
        let tools = (0..<30).map { Self.tool("tool_\($0)", "finds alpha beta gamma \($0 % 7) delta \($0 % 3) epsilon") }
        let text = "alpha beta 3 delta 1 epsilon gamma"
        let first = ToolIndex(tools).search(text, limit: 30)
        #expect(first.count == 30)
        for _ in 0..<5 { #expect(ToolIndex(tools).search(text, limit: 30) == first) }
    }

    @Test("a tool is found in a small catalogue as in a large one")
    func smallCatalogue() throws {
        let time = Self.tool("get_current_time", "Get the current time in a time zone")
        let alone = try #require(ToolIndex([time]).search("what is the time", limit: 1).first)
        let others = (0..<40).map { Self.tool("other_\($0)", "does something else number \($0)") }
        let among = try #require(ToolIndex([time] + others).search("what is the time", limit: 1).first)
        #expect(alone.score > OfflineModel.threshold)
        #expect(among.score < 2 * alone.score)
    }

    @Test(
        "identifiers are split, endings are removed, stop words are dropped",
        arguments: [
            ("getTopQueries", ["top", "query"]), ("get_top_queries", ["top", "query"]), ("the indexes", ["index"]),
            ("Deployments, deploying & deployed", ["deploy", "deploy", "deploy"]),
            ("status class", ["status", "class"]),
            ("", []), ("p95 v2", ["p95", "v2"]), ("Größe", ["größe"]),
        ])
    func terms(text: String, terms: [String]) {
        #expect(SearchTerms.of(text) == terms)
    }
}
