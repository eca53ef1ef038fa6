import Bridge
import Testing

@testable import SlackBot

@Suite("What the text of /omni-tool calls")
struct ToolCommandTextTests {
    private static let schema: JSONValue = [
        "type": "object",
        "properties": [
            "name": ["type": "string"], "limit": ["type": "integer"], "ratio": ["type": ["number", "null"]],
            "exact": ["type": "boolean"], "hosts": ["type": "array"], "filter": ["type": "object"],
            "since": ["anyOf": [["type": "string"], ["type": "integer"]]],
        ],
    ]

    private func arguments(_ text: String, schema: JSONValue? = Self.schema) throws -> JSONValue {
        try ToolCommandText("ops find \(text)").call(as: schema).arguments
    }

    @Test("the tool is named by two words or as server.tool; a tool's own name may have a point")
    func tool() throws {
        let named = ToolName(server: "ops", tool: "find")
        for text in ["ops find", "  ops \n find ", "ops.find", "ops.find limit=1", "ops.find {}"] {
            #expect(try ToolCommandText(text).tool == named, "\(text)")
        }
        #expect(try ToolCommandText("my.ops find.all").tool == ToolName(server: "my.ops", tool: "find.all"))
    }

    @Test(
        "a value has the type that the schema asks for",
        arguments: [
            ("name=5", ["name": "5"]), ("name=true", ["name": "true"]), ("name=", ["name": ""]),
            ("limit=5", ["limit": 5]), ("limit=\"5\"", ["limit": 5]), ("limit=many", ["limit": "many"]),
            ("limit=1.5", ["limit": "1.5"]), ("ratio=2", ["ratio": 2]), ("ratio=null", ["ratio": .null]),
            ("exact=true", ["exact": true]), ("exact=yes", ["exact": "yes"]),
            ("hosts=[1,\"a\"]", ["hosts": [1, "a"]]), ("filter='{\"a\": {\"b\": 1}}'", ["filter": ["a": ["b": 1]]]),
            ("since=7", ["since": 7]), ("since='7'", ["since": "7"]), ("since=today", ["since": "today"]),
        ] as [(String, JSONValue)])
    func typed(text: String, expected: JSONValue) throws {
        #expect(try arguments(text) == expected)
    }

    @Test("without a schema a value is what its JSON means, unless it is quoted")
    func untyped() throws {
        let found = try arguments("a=5 b='5' c=five d=true", schema: nil)
        #expect(found == ["a": 5, "b": "5", "c": "five", "d": true])
    }

    @Test("quotation marks hold spaces, also those that phones write; a backslash keeps a mark; a=b is a value too")
    func quoted() throws {
        let found = try arguments(#"name="a \"b\" c=d"  x=“two words” y='it"s' z=a=b w=it's"#)
        #expect(found == ["name": #"a "b" c=d"#, "x": "two words", "y": #"it"s"#, "z": "a=b", "w": "it's"])
    }

    @Test("the arguments may be one JSON object")
    func object() throws {
        #expect(try arguments(#"{"limit": "5", "x": [1]}"#) == ["limit": "5", "x": [1]])
    }

    @Test(
        "a text that names no call says why",
        arguments: [
            ("", .noTool), ("ops", .noTool), ("ops limit=5", .noTool), (".find", .noTool), ("ops.", .noTool),
            ("ops find five", .noPair("five")), ("ops find =5", .noPair("=5")), ("ops find a=1 a=2", .twice("a")),
            ("ops find a=\"b", .unclosed("a")), ("ops find {\"a\"", .noObject),
        ] as [(String, ToolCommandText.Problem)])
    func problem(text: String, expected: ToolCommandText.Problem) {
        #expect(throws: expected) { try ToolCommandText(text) }
        #expect(UserMessages.noCall(expected).contains("/omni-tool server tool"))
    }
}
