import Bridge
import DemoOps
import Testing

@Suite("The demo's questions, answered without a language model", .timeLimit(.minutes(2)))
struct OfflineQuestionTests {
    private let tools: [ToolDefinition]
    private static let changing: Set<String> = ["kill_session", "restart_service", "drop_index"]

    init() async throws { tools = try await DemoOps.atNine().tools() }

    /// The offline model's turn for a question, with the changing tools allowed or withheld.
    private func turn(_ question: String, mayChange: Bool = false) async throws -> ModelTurn {
        let withheld = mayChange ? [] : tools.filter { Self.changing.contains($0.name.tool) }
        let verdict = Verdict(
            .deny, step: .roleRestrictions,
            rule: RuleSource(file: "mcps.yaml", line: 17, key: "role_restrictions.read_only"),
            reason: "role read_only may not use it")
        let request = ModelRequest(
            model: "offline", maxTokens: 1000, system: "",
            tools: tools.filter { !withheld.contains($0) }.sorted { $0.name < $1.name }.map {
                ModelTool(wireName: "ops__\($0.name.tool)", definition: $0)
            }, withheld: withheld.map { WithheldTool(definition: $0, verdict: verdict) },
            messages: [
                .user("\(question)\n\n<context>Asked by Ben (role read_only) at 2026-11-23T09:30:00Z.</context>")
            ])
        return try await OfflineModel().turn(request) { _ in }
    }

    @Test(
        "a greeting and a question about Omni get an answer that shows what to ask",
        arguments: ["hello", "Help!", "what can you do?", "@Omni hi"])
    func greeting(_ text: String) async throws {
        let turn = try await turn(text.replacing("@Omni ", with: "omni "))
        #expect(turn.calls.isEmpty)
        #expect(
            turn.text.contains("is checkout slow?") && turn.text.contains("Before and after a deploy"),
            "\(turn.text)")
        let other = try await self.turn("thanks")
        #expect(other.text.hasPrefix("You are welcome."))
    }

    @Test("the slowest queries and the health of the database are two calls")
    func twoTools() async throws {
        for mayChange in [false, true] {
            let calls = try await turn(
                "What are the top 5 slowest queries and how is the database health?", mayChange: mayChange
            ).calls
            #expect(calls.map(\.wireName) == ["ops__get_top_queries", "ops__get_database_health"])
            #expect(calls.map(\.input) == [["limit": 5], [:]])
        }
    }

    @Test("the deploys of a service in a period are one call with both arguments")
    func deploys() async throws {
        let calls = try await turn("Which deploys of checkout happened in the last 24 hours?").calls
        #expect(calls.map(\.wireName) == ["ops__list_deploys"])
        #expect(calls.first?.input == ["service": "checkout", "hours": 24])
    }

    @Test("dropping an index is refused without the right, and called with it")
    func refusal() async throws {
        let question = "Please drop the index idx_orders_created"
        guard case .withheld(let tool) = try await turn(question).stop else {
            Issue.record("nothing was refused")
            return
        }
        #expect(tool.definition.name.tool == "drop_index")
        #expect(tool.verdict.rule.key == "role_restrictions.read_only")
        let calls = try await turn(question, mayChange: true).calls
        #expect(calls.map(\.wireName) == ["ops__drop_index"])
        #expect(calls.first?.input == ["index": "idx_orders_created"])
    }

    @Test(
        "everyday questions find their tool and arguments",
        arguments: [
            ("Is checkout healthy?", "get_service_health", ["service": "checkout"]),
            ("Who is on call for payments?", "get_on_call", ["service": "payments"]),
            ("Show open incidents", "list_incidents", ["status": "open"]),
            ("Tell me about incident INC-2041", "get_incident", ["incident": "INC-2041"]),
            (
                "Search the logs of checkout for \"timeout\" in the last 2 hours", "search_logs",
                ["service": "checkout", "minutes": 120, "text": "timeout"]
            ),
            ("Explain query Q-01", "explain_query", ["query": "Q-01"]),
            ("Which sessions are blocked?", "list_blocked_sessions", [:]),
            ("Show sessions that are idle in transaction", "list_sessions", ["state": "idle in transaction"]),
            ("What are the sizes of the tables?", "get_table_sizes", [:]),
            ("Which indexes are unused?", "list_indexes", ["usage": "unused"]),
            ("What is the error rate of search?", "get_error_rate", ["service": "search"]),
            ("Compare the deploys of payments", "compare_deploys", ["service": "payments"]),
            ("List all services", "list_services", [:]),
            ("Which services are slow?", "get_service_health", [:]),
            ("What services are failing?", "get_service_health", [:]),
        ] as [(String, String, JSONValue)])
    func everyday(question: String, tool: String, arguments: JSONValue) async throws {
        for mayChange in [false, true] {
            let calls = try await turn(question, mayChange: mayChange).calls
            #expect(calls.map(\.wireName) == ["ops__\(tool)"])
            #expect(calls.first?.input == arguments)
        }
    }

    @Test(
        "requests for a change are refused without the right, and called with it",
        arguments: [
            ("Kill session 8123", "kill_session", ["session": 8123]),
            ("Please restart checkout", "restart_service", ["service": "checkout"]),
            ("Restart the service payments now", "restart_service", ["service": "payments"]),
        ] as [(String, String, JSONValue)])
    func changes(question: String, tool: String, arguments: JSONValue) async throws {
        guard case .withheld(let refused) = try await turn(question).stop else {
            Issue.record("nothing was refused")
            return
        }
        #expect(refused.definition.name.tool == tool)
        let calls = try await turn(question, mayChange: true).calls
        #expect(calls.map(\.wireName) == ["ops__\(tool)"])
        #expect(calls.first?.input == arguments)
    }

    @Test("a question without a matching tool gets the three nearest, or none")
    func nothing() async throws {
        let turn = try await turn("What will the weather be in Lisbon tomorrow?")
        #expect(turn.calls.isEmpty)
        #expect(turn.text.hasPrefix("Nothing that I can do fits this question."))
    }
}
