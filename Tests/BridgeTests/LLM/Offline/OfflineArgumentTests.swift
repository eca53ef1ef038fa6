import Testing

@testable import Bridge

@Suite("Arguments from the text of a question")
struct OfflineArgumentTests {
    private func fill(_ text: String, _ properties: JSONValue, required: [String] = []) -> OfflineArguments {
        OfflineArguments(
            for: ToolDefinition(
                name: ToolName(server: "s", tool: "t"), description: "",
                inputSchema: [
                    "type": "object", "properties": properties, "required": .array(required.map { .string($0) }),
                ]), from: text)
    }

    @Test("quoted text is taken complete, for all kinds of quotes", arguments: ["\"a b\"", "`a b`", "'a b'"])
    func quoted(words: String) {
        #expect(fill("search the logs for \(words) now", ["text": ["type": "string"]]).values == ["text": "a b"])
    }

    @Test("an option is found by its name, in any case and number, or by its words")
    func options() {
        let state: JSONValue = [
            "state": ["type": "string", "enum": ["open", "idle", "idle in transaction", "rolled_back"]]
        ]
        #expect(fill("all Open ones", state).values == ["state": "open"])
        #expect(fill("which are idle in transaction?", state).values == ["state": "idle in transaction"])
        #expect(fill("which are idle?", state).values == ["state": "idle"])
        #expect(fill("those rolled back", state).values == ["state": "rolled_back"])
        #expect(fill("opening hours of the idler", ["state": ["enum": ["shut"]]]).values.isEmpty)
    }

    @Test("a number goes to the parameter whose name is next to it")
    func numbers() {
        let two: JSONValue = ["port": ["type": "integer"], "session": ["type": "integer"]]
        #expect(fill("session 12 on port 80", two).values == ["port": 80, "session": 12])
        #expect(fill("the 12 sessions", two).values == ["session": 12])
        #expect(fill("12 things", two).values.isEmpty)
        #expect(fill("kill 12", ["session": ["type": "integer"]], required: ["session"]).values == ["session": 12])
        #expect(fill("ratio 0.5", ["ratio": ["type": "number"]]).values == ["ratio": 0.5])
        #expect(fill("session 1.5", two).values.isEmpty)
    }

    @Test("a duration is converted to the parameter's unit, and is not taken for a limit")
    func times() {
        let both: JSONValue = ["limit": ["type": "integer"], "minutes": ["type": "integer"]]
        #expect(fill("top 5 of the last 30 minutes", both).values == ["limit": 5, "minutes": 30])
        #expect(fill("of the last 2 hours", both).values == ["minutes": 120])
        #expect(fill("the last 7", both).values == ["limit": 7])
        #expect(fill("last 2 days", ["hours": ["type": "integer"]]).values == ["hours": 48])
    }

    @Test("a date is found for a parameter that needs one")
    func dates() {
        let day: JSONValue = ["day": ["type": "string", "format": "date"]]
        #expect(fill("what happened on 2026-11-23?", day).values == ["day": "2026-11-23"])
        #expect(fill("what happened on Monday?", day).values.isEmpty)
    }

    @Test("a text is the word after the parameter's name, or after a preposition when required")
    func texts() {
        let index: JSONValue = ["index": ["type": "string"]]
        #expect(fill("drop the index idx_a", index).values == ["index": "idx_a"])
        #expect(fill("look at idx_a for me", index).values.isEmpty)
        #expect(fill("tell me about idx_a", index, required: ["index"]).values == ["index": "idx_a"])
    }

    @Test("optional parameters and those with a default are omitted; a required one not found is missing")
    func missing() {
        let arguments = fill(
            "go",
            [
                "a": ["type": "string", "description": "the first"], "b": ["type": "integer", "default": 3],
                "c": ["enum": ["x"]], "d": ["type": "boolean"],
            ], required: ["a", "b", "c"])
        #expect(arguments.values.isEmpty)
        #expect(arguments.missing.map(\.name) == ["c", "a"])
        #expect(arguments.missing.map(\.description) == ["", "the first"])
    }

    @Test("a word is used once")
    func once() {
        let two: JSONValue = ["one": ["type": "string"], "two": ["type": "string"]]
        #expect(fill("\"a\" \"b\"", two).values == ["one": "a", "two": "b"])
        #expect(fill("\"a\"", two).values == ["one": "a"])
    }
}
