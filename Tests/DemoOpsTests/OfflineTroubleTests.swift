import Bridge
import DemoOps
import Testing

@Suite("Questions about trouble, answered without a language model", .timeLimit(.minutes(2)))
struct OfflineTroubleTests {
    private let shop: DemoOps
    private let tools: [ModelTool]

    init() async throws {
        shop = try DemoOps.atNine()
        tools = try await shop.tools().sorted { $0.name < $1.name }.map {
            ModelTool(wireName: "ops__\($0.name.tool)", definition: $0)
        }
    }

    /// The calls of each turn until the answer, and the answer. The calls are made.
    private func answer(_ question: String, without denied: Set<String> = []) async throws -> (
        calls: [[String]], inputs: [JSONValue], text: String
    ) {
        let context = "\n\n<context>Asked by Ben (role read_only) at 2026-11-23T09:30:00Z.</context>"
        var request = ModelRequest(
            model: "offline", maxTokens: 1000, system: "",
            tools: tools.filter { !denied.contains($0.definition.name.tool) }, messages: [.user(question + context)])
        var calls: [[String]] = []
        var inputs: [JSONValue] = []
        for _ in 0..<4 {
            let turn = try await OfflineModel().turn(request) { _ in }
            guard !turn.calls.isEmpty else { return (calls, inputs, turn.text) }
            calls.append(turn.calls.map { String($0.wireName.dropFirst("ops__".count)) })
            inputs += turn.calls.compactMap(\.input)
            var results: [ModelToolResult] = []
            for call in turn.calls {
                let name = String(call.wireName.dropFirst("ops__".count))
                let result = try await shop.call(name, arguments: call.input ?? [:])
                #expect(!result.isError, "\(name): \(result.text)")
                results.append(
                    ModelToolResult(callID: call.id, tool: ToolName(server: "ops", tool: name), result: result))
            }
            request.messages += [.turn(turn), .toolResults(results)]
        }
        Issue.record("no answer to \(question) after four turns")
        return (calls, inputs, "")
    }

    @Test("why checkout is slow leads to the deploy and the query of the service that it calls")
    func checkout() async throws {
        let answer = try await answer("why is checkout slow?")
        #expect(
            answer.calls == [["get_service_health", "list_incidents"], ["list_deploys", "get_top_queries"]])
        #expect(
            answer.inputs == [
                ["service": "checkout"], ["status": "open", "service": "checkout"], ["service": "payments"],
                ["service": "payments"],
            ])
        for fact in ["INC-2041", "v2.14.0", "payment_attempts", "These results name **payments** first."] {
            #expect(answer.text.contains(fact), "\(fact)")
        }
        #expect(answer.text.contains("_No language model was used: these are the steps of a fixed list"))
    }

    @Test(
        "the same steps answer other words for the same trouble",
        arguments: [
            "Why is checkout so slow today?", "why is the checkout service slow", "is checkout slow?",
            "checkout is slow", "Why is checkout slow and failing?", "why is it taking so long to load checkout?",
        ])
    func words(question: String) async throws {
        let calls = try await answer(question).calls
        #expect(calls == [["get_service_health", "list_incidents"], ["list_deploys", "get_top_queries"]])
    }

    @Test(
        "for failures the logs are read",
        arguments: [
            "Why is checkout failing?", "why are there errors in checkout", "checkout is down!",
            "what is wrong with checkout?",
        ])
    func failures(question: String) async throws {
        let answer = try await answer(question)
        #expect(answer.calls == [["get_service_health", "list_incidents"], ["list_deploys", "search_logs"]])
        #expect(answer.inputs.last == ["level": "error", "service": "payments"])
    }

    @Test("without a name all services are compared, and the worst is followed")
    func everything() async throws {
        let answer = try await answer("why is everything slow?")
        #expect(answer.calls.first?.first == "get_service_health")
        #expect(answer.inputs.first == [:])
        #expect(answer.inputs.last == ["service": "payments"])
    }

    @Test("a database is not a service")
    func database() async throws {
        let answer = try await answer("why is the warehouse slow?")
        #expect(answer.calls.first?.first == "get_database_health")
        #expect(answer.inputs.allSatisfy { $0["database"] == "warehouse" })
    }

    @Test("a step whose tool the asker may not use is left out")
    func denied() async throws {
        let answer = try await answer("why is checkout slow?", without: ["list_incidents", "list_deploys"])
        #expect(!answer.calls.joined().contains { ["list_incidents", "list_deploys"].contains($0) })
        #expect(answer.calls.joined().contains("get_top_queries"))
    }

    @Test(
        "a question that asks for one thing gets that thing",
        arguments: [
            ("What is the error rate of checkout?", ["get_error_rate"]),
            ("Is checkout healthy?", ["get_service_health"]),
            ("Search the logs of checkout for \"timeout\"", ["search_logs"]),
        ])
    func others(question: String, tools: [String]) async throws {
        #expect(try await answer(question).calls == [tools])
    }

    @Test(
        "greetings, thanks and requests for help are answered with what there is to ask, without a call",
        arguments: ["hello", "hi!", "help", "what can you do?", "thanks", "Thank you very much", "Good morning", "?"])
    func help(question: String) async throws {
        let answer = try await answer(question)
        #expect(answer.calls.isEmpty)
        #expect(answer.text.contains("**ops**"))
        #expect(answer.text.contains("why is X slow, or failing? (X is auth, cart, catalog, checkout"))
        #expect(answer.text.contains("- which services are slow, unhealthy or failing?"))
        #expect(answer.text.contains("No language model was used"))
    }

    @Test("who may use nothing is told so")
    func nothing() async throws {
        let answer = try await answer("help", without: Set(tools.map(\.definition.name.tool)))
        #expect(answer.text.hasPrefix("There is no tool here that you may use."))
    }

    @Test("the health of a service has that of the services it calls, the worst first")
    func calls() async throws {
        let rows = try await shop.rows("get_service_health", ["service": "checkout"]).map { $0["service"] }
        #expect(rows.prefix(2) == ["payments", "checkout"])
        #expect(Set(rows) == ["payments", "checkout", "inventory", "shipping"])
        #expect(try await shop.rows("get_service_health", ["service": "auth"]).map { $0["service"] } == ["auth"])
    }
}
