import NIOConcurrencyHelpers
import Testing

@testable import Bridge

@Suite("The offline model", .timeLimit(.minutes(2)))
struct OfflineModelTests {
    private static func tool(_ name: String, _ description: String, schema: JSONValue = ["type": "object"])
        -> ToolDefinition
    {
        ToolDefinition(name: ToolName(server: "zoo", tool: name), description: description, inputSchema: schema)
    }

    private static let animals = tool("list_animals", "Lists the animals of the zoo.")
    private static let visitors = tool("count_visitors", "Counts visitors of a day.")
    private static let feeding = tool(
        "get_feeding", "Tells the feeding times of one animal.",
        schema: [
            "type": "object", "properties": ["name": ["type": "string", "description": "the animal's name"]],
            "required": ["name"],
        ])
    private static let release = tool("release_animals", "Opens the cages and lets the animals out.")

    private func request(_ messages: [ModelMessage], withheld: [ToolDefinition] = [], mayCall: Bool = true)
        -> ModelRequest
    {
        let verdict = Verdict(
            .deny, step: .role, rule: RuleSource(file: "users.yaml", line: 4, key: "roles.guest"),
            reason: "role guest may not use it")
        return ModelRequest(
            model: "offline", maxTokens: 100, system: "",
            tools: [Self.visitors, Self.feeding, Self.animals].map {
                ModelTool(wireName: "zoo__\($0.name.tool)", definition: $0)
            }, withheld: withheld.map { WithheldTool(definition: $0, verdict: verdict) }, messages: messages,
            mayCallTools: mayCall)
    }

    private func turn(_ text: String, withheld: [ToolDefinition] = [], mayCall: Bool = true) async throws -> ModelTurn {
        try await OfflineModel().turn(request([.user(text)], withheld: withheld, mayCall: mayCall)) { _ in }
    }

    @Test("each step calls the matching tool, once, and costs nothing")
    func calls() async throws {
        let turn = try await turn("List the animals and count the visitors. Show animals again")
        #expect(turn.calls.map(\.wireName) == ["zoo__list_animals", "zoo__count_visitors"])
        #expect(Set(turn.calls.map(\.id)).count == 2)
        #expect(turn.stop == .toolUse)
        #expect(turn.usage == TokenUsage())
        #expect(turn.model == "offline")
    }

    @Test("the results are the answer, which states that no language model was used")
    func results() async throws {
        let question = "List the animals and the feeding"
        let first = try await turn(question)
        let heard = NIOLockedValueBox("")
        let results = first.calls.map {
            ModelToolResult(callID: $0.id, tool: Self.animals.name, result: .text("7 apes"))
        }
        let last = try await OfflineModel().turn(request([.user(question), .turn(first), .toolResults(results)])) {
            if case .text(let text) = $0 { heard.withLockedValue { $0 += text } }
        }
        #expect(last.stop == .endTurn)
        #expect(last.text.contains("**zoo.list_animals**\n\n7 apes"))
        #expect(
            last.text.contains("To use zoo.get_feeding I need `name` (the animal's name)."),
            "the other step is not lost")
        #expect(last.text.hasSuffix("_No language model was used: the tool was chosen by its words._"))
        #expect(heard.withLockedValue { $0 } == last.text)
    }

    @Test("a failed tool is reported as failed")
    func failure() async throws {
        let results = [ModelToolResult(callID: "1", tool: Self.animals.name, result: .text("no keeper", isError: true))]
        let turn = try await OfflineModel().turn(request([.user("animals"), .toolResults(results)])) { _ in }
        #expect(turn.text.contains("It failed: no keeper"))
    }

    @Test("a required argument that is not in the question is asked for by name")
    func missing() async throws {
        let turn = try await turn("When is feeding?")
        #expect(turn.calls.isEmpty)
        #expect(
            turn.text.hasPrefix(
                "To use zoo.get_feeding I need `name` (the animal's name). Please ask again and name it."))
        #expect(try await self.turn("When is feeding of Bobo?").calls.first?.input == ["name": "Bobo"])
    }

    @Test("a question without a matching tool gets the nearest tools")
    func nothingFits() async throws {
        #expect(try await turn("Sing a song").text.hasPrefix("Nothing that I can do fits this question.\n"))
        let late = try await turn("List the animals", mayCall: false)
        #expect(late.calls.isEmpty)
        #expect(late.text.contains("The nearest:\n\n- zoo.list_animals: Lists the animals of the zoo."))
    }

    @Test("a forbidden tool that matches clearly better is refused with its rule; otherwise it is ignored")
    func withheld() async throws {
        let refused = try await turn("Release the animals", withheld: [Self.release])
        guard case .withheld(let tool) = refused.stop else {
            Issue.record("it was not refused: \(refused)")
            return
        }
        #expect(tool.definition.name == Self.release.name)
        #expect(tool.verdict.rule.key == "roles.guest")
        #expect(refused.calls.isEmpty)
        let allowed = try await turn("List the animals", withheld: [Self.release])
        #expect(allowed.calls.map(\.wireName) == ["zoo__list_animals"])
    }

    @Test("a destructive tool is chosen only by the first word of its name")
    func destructive() async throws {
        let free = ToolDefinition(
            name: ToolName(server: "zoo", tool: "release_animals"), description: "Lets the animals out.",
            inputSchema: ["type": "object"], annotations: ToolAnnotations(readOnly: false, destructive: true))
        #expect(
            try await turn("Which animals are out?", withheld: [free]).calls.map(\.wireName) == ["zoo__list_animals"])
        guard case .withheld = try await turn("Release the animals", withheld: [free]).stop else {
            Issue.record("it was not refused")
            return
        }
    }

    @Test("a greeting is answered with what there is to ask")
    func greeting() async throws {
        let turn = try await turn("Hello!")
        #expect(turn.calls.isEmpty)
        #expect(
            turn.text.hasPrefix("You may ask about:\n\n- **zoo**: count visitors, get feeding, list animals\n\n_No"))
    }

    @Test("only the newest question counts, without the context that the prompt adds")
    func context() async throws {
        let request = request([
            .user("count the visitors"), .assistant("12"),
            .user("list the animals\n\n<context>Asked by visitors; count the visitors.</context>"),
        ])
        let turn = try await OfflineModel().turn(request) { _ in }
        #expect(turn.calls.map(\.wireName) == ["zoo__list_animals"])
    }

    @Test("the same text gives the same answer")
    func determinism() async throws {
        let text = "List animals, count visitors and feeding of Bobo"
        let first = try await turn(text)
        #expect(!first.calls.isEmpty)
        for _ in 0..<5 {
            let again = try await turn(text)
            #expect(again.calls == first.calls)
        }
    }

    @Test("a cancelled question is not answered")
    func cancellation() async throws {
        await withTaskGroup(of: Bool.self) { group in
            group.cancelAll()
            group.addTask {
                do {
                    _ = try await self.turn("List the animals")
                    return false
                } catch {
                    return error is CancellationError
                }
            }
            #expect(await group.next() == true)
        }
    }
}
