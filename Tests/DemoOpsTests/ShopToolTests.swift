import Bridge
import DemoOps
import Foundation
import Testing

@Suite("The tools of the demo shop", .timeLimit(.minutes(2)))
struct ShopToolTests {
    private let shop: DemoOps

    init() throws { shop = try DemoOps.atNine() }

    @Test("each tool describes itself, its parameters and its effect")
    func definitions() async throws {
        let tools = try await shop.tools()
        #expect(tools.count == 20)
        #expect(Set(tools.map(\.name)).count == tools.count)
        let changing = Set(tools.filter { $0.annotations.readOnly == false }.map(\.name.tool))
        #expect(changing == ["kill_session", "restart_service", "drop_index"])
        for tool in tools {
            #expect(tool.annotations.destructive == changing.contains(tool.name.tool))
            #expect(tool.name.server == "ops")
            #expect(tool.description.split(separator: ". ").count >= 3, "\(tool.name)")
            for (name, schema) in tool.inputSchema["properties"]?.object ?? [:] {
                #expect(schema["description"]?.string?.isEmpty == false, "\(tool.name) \(name)")
            }
        }
    }

    @Test(
        "each read-only tool returns rows without optional arguments, as text and as data",
        arguments: [
            ("list_services", [:]), ("get_service_health", [:]), ("get_error_rate", ["service": "checkout"]),
            ("get_on_call", [:]), ("list_deploys", [:]), ("compare_deploys", ["service": "search"]),
            ("list_incidents", [:]), ("search_logs", [:]), ("get_top_queries", [:]), ("get_slow_queries", [:]),
            ("get_database_health", [:]), ("get_table_sizes", [:]), ("list_indexes", [:]), ("list_sessions", [:]),
            ("list_blocked_sessions", [:]),
        ] as [(String, JSONValue)])
    func everyLook(name: String, arguments: JSONValue) async throws {
        let result = try await shop.ask(name, arguments)
        #expect(result.text.contains("| --- |"))
        let rows = try #require(result.structured?["rows"]?.array)
        #expect(!rows.isEmpty)
    }

    @Test("services have a team, a deployed version and an uptime")
    func services() async throws {
        let rows = try await shop.rows("list_services")
        #expect(rows.count == 12)
        let payments = try #require(rows.first { $0["service"] == "payments" })
        #expect(payments["version"] == "v2.14.0")
        #expect(
            try await shop.rows("list_services", ["team": "discovery"]).map { $0["service"] } == [
                "search", "recommendations",
            ])
    }

    @Test("deploys are filtered by service, time and status, and the number omitted is stated")
    func deploys() async throws {
        let all = try await shop.ask("list_deploys", ["hours": 336, "limit": 20])
        let total = try #require(all.structured?["total"]?.int)
        #expect(total == 200)
        #expect(all.text.contains("20 of 200 shown; narrow with service"))
        let checkout = try await shop.rows("list_deploys", ["service": "checkout", "hours": 24])
        #expect(checkout.count == 2)
        #expect(checkout.allSatisfy { $0["service"] == "checkout" })
        let undone = try await shop.rows("list_deploys", ["hours": 336, "status": "rolled_back"])
        #expect(!undone.isEmpty && undone.allSatisfy { $0["status"] == "rolled_back" })
        let none = try await shop.ask("list_deploys", ["service": "payments", "hours": 1])
        #expect(none.text == "There was no deploy of payments in the last 1 hour.")
    }

    @Test("log lines are found by service, level and text, with their number")
    func logs() async throws {
        let result = try await shop.ask(
            "search_logs", ["service": "checkout", "level": "error", "text": "TIMEOUT calling payments", "limit": 5])
        let rows = try #require(result.structured?["rows"]?.array)
        #expect(rows.count == 5)
        #expect(rows.allSatisfy { $0["message"]?.string?.hasPrefix("timeout calling payments") == true })
        let total = try #require(result.structured?["total"]?.int)
        #expect(total > 100)
        #expect(result.text.contains("5 of \(total) shown"))
        // The text is a value, not a part of the SQL or a pattern.
        let odd = try await shop.ask("search_logs", ["text": "%' OR 1=1 --"])
        #expect(odd.text.hasPrefix("No line fits"))
        let everything = try await shop.ask("search_logs", ["minutes": 2880])
        #expect(try #require(everything.structured?["total"]?.int) > 4_900)
    }

    @Test("queries are ranked by the requested measure")
    func ranking() async throws {
        let slowest = try await shop.rows("get_top_queries", ["limit": 5]).compactMap { $0["mean_ms"]?.double }
        #expect(slowest.count == 5 && slowest == slowest.sorted(by: >))
        let frequent = try await shop.rows("get_top_queries", ["order": "calls", "limit": 3]).compactMap {
            $0["calls"]?.int
        }
        #expect(frequent.count == 3 && frequent == frequent.sorted(by: >))
        let warehouse = try await shop.rows("get_top_queries", ["database": "warehouse"])
        #expect(!warehouse.isEmpty && warehouse.allSatisfy { $0["database"] == "warehouse" })
    }

    @Test("each team has a person on call, and each service that of its team")
    func onCall() async throws {
        #expect(try await shop.rows("get_on_call").count == 6)
        #expect(try await shop.rows("get_on_call", ["service": "cart"]).map { $0["team"] } == ["storefront"])
    }

    @Test(
        "an unknown name is answered with the nearest one",
        arguments: [
            ("list_deploys", ["service": "chekout"], "There is no service \"chekout\"; did you mean checkout?"),
            ("get_incident", ["incident": "INC-2140"], "There is no incident \"INC-2140\"; did you mean INC-2040?"),
            (
                "explain_query", ["query": "zzzzzz"],
                "There is no query \"zzzzzz\". get_top_queries shows what there is."
            ),
            ("list_indexes", ["table": "order"], "There is no table \"order\"; did you mean orders?"),
            (
                "drop_index", ["index": "idx_order_created"],
                "There is no index \"idx_order_created\"; did you mean idx_orders_created?"
            ),
            (
                "kill_session", ["session": 1],
                "There is no session 1; it may have ended. list_sessions shows those that there are."
            ),
            (
                "compare_deploys", ["service": "payments", "version": "v2.14"],
                "There is no version of payments \"v2.14\"; did you mean v2.14.0?"
            ),
            ("get_error_rate", [:], "service is missing"), ("no_tool", [:], "There is no tool \"no_tool\"."),
        ] as [(String, JSONValue, String)])
    func errors(name: String, arguments: JSONValue, message: String) async throws {
        let result = try await shop.call(name, arguments: arguments)
        #expect(result.isError)
        #expect(result.text == message)
    }

    @Test("the same seed and time give the same shop, another seed a different one")
    func determinism() async throws {
        let (again, other) = (try DemoOps.atNine(), try DemoOps(seed: 2, now: monday))
        for tool in ["list_deploys", "search_logs", "get_service_health", "list_sessions"] {
            let first = try await shop.ask(tool)
            #expect(try await again.ask(tool) == first)
            #expect(try await other.ask(tool) != first, "\(tool)")
        }
    }
}
