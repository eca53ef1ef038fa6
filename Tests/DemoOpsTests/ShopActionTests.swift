import Bridge
import DemoOps
import Testing

@Suite("The tools that change the demo shop", .timeLimit(.minutes(2)))
struct ShopActionTests {
    private let shop: DemoOps

    init() throws { shop = try DemoOps.atNine() }

    @Test("killing the blocking session unblocks those that waited for it")
    func kill() async throws {
        #expect(try await shop.rows("list_blocked_sessions").count == 4)
        let killed = try await shop.ask("kill_session", ["session": 8123])
        #expect(killed.structured?["unblocked"] == 4)
        #expect(try await shop.rows("list_blocked_sessions").isEmpty)
        #expect(try await !shop.ask("get_database_health").text.contains("8123"))
        #expect(try await shop.ask("search_logs", ["text": "session 8123 of"]).structured?["total"] == 1)
        #expect(try await shop.call("kill_session", arguments: ["session": 8123]).isError)
    }

    @Test("a dropped index is gone, and its queries become slow")
    func drop() async throws {
        let before = try await shop.ask("explain_query", ["query": "Q-08"])
        let result = try await shop.ask("drop_index", ["index": "idx_carts_customer"])
        #expect(result.structured?["affected_queries"] == ["Q-08"])
        let after = try await shop.ask("explain_query", ["query": "Q-08"])
        #expect((after.structured?["mean_ms"]?.double ?? 0) > 50 * (before.structured?["mean_ms"]?.double ?? 0))
        #expect(after.text.contains("Seq Scan on carts"))
        #expect(try await shop.rows("list_indexes", ["table": "carts"]).isEmpty)
        #expect(try await shop.ask("get_database_health").text.contains("Q-08"))
    }

    @Test("the index of a primary key cannot be dropped")
    func primaryKey() async throws {
        let result = try await shop.call("drop_index", arguments: ["index": "orders_pkey"])
        #expect(result.isError && result.text.contains("primary key"))
        #expect(try await shop.rows("list_indexes", ["table": "orders"]).contains { $0["index"] == "orders_pkey" })
    }

    @Test("a restart closes the service's sessions, leaves its version, and is in the logs")
    func restart() async throws {
        let sessions = try #require(
            try await shop.ask("list_sessions", ["service": "payments"]).structured?["total"]?.int)
        let result = try await shop.ask("restart_service", ["service": "payments"])
        #expect(result.structured?["sessions_closed"] == .int(Int64(sessions)))
        #expect(try await shop.rows("list_sessions", ["service": "payments"]).isEmpty)
        let service = try #require(try await shop.rows("list_services").first { $0["service"] == "payments" })
        #expect(service["version"] == "v2.14.0")
        #expect(service["started_at"] == "2026-11-23T09:30:00Z")
        #expect(try await shop.ask("search_logs", ["text": "restarted by an operator"]).structured?["total"] == 1)
    }
}
