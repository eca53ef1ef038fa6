import Bridge
import DemoOps
import Testing

@Suite("The incident of the demo shop", .timeLimit(.minutes(2)))
struct ShopStoryTests {
    private let shop: DemoOps

    init() throws { shop = try DemoOps.atNine() }

    @Test("the tools lead from the slow checkout to the index lost in a deploy")
    func story() async throws {
        let worst = try await shop.rows("get_service_health").prefix(2).map { $0["service"] }
        #expect(Set(worst) == ["payments", "checkout"])
        let incident = try #require(try await shop.rows("list_incidents", ["status": "open"]).first)
        #expect(incident["service"] == "checkout")
        let story = try await shop.ask("get_incident", ["incident": incident["id"] ?? .null])
        #expect(story.text.contains("v2.14.0"))
        let slowest = try #require(try await shop.rows("get_top_queries", ["limit": 1]).first)
        let plan = try await shop.ask("explain_query", ["query": slowest["id"] ?? .null])
        #expect(plan.text.contains("Seq Scan on payment_attempts"))
        #expect(plan.text.contains("No index serves it"))
        let stopped = try await shop.rows("list_indexes", ["usage": "stopped"]).map { $0["index"] }
        #expect(stopped == ["idx_payment_attempts_order_id"])
        let comparison = try await shop.rows("compare_deploys", ["service": "payments"])
        #expect(comparison.map { $0["period"] } == ["before", "after"])
        let (before, after) = (comparison[0]["p95_ms"]?.double ?? 0, comparison[1]["p95_ms"]?.double ?? 0)
        #expect(before > 0 && after > 10 * before)
        let health = try await shop.ask("get_database_health")
        #expect(health.structured?["status"] == "degraded")
        #expect(health.text.contains("session 8123"))
    }

    @Test("no symptom is older than the deploy")
    func before() async throws {
        let rows = try await shop.rows("get_error_rate", ["service": "checkout", "hours": 12])
        let shares = rows.compactMap { $0["error_percent"]?.double }
        #expect(shares.count >= 20)
        #expect(shares.prefix(5).allSatisfy { $0 > 4 })
        #expect(shares.suffix(14).allSatisfy { $0 < 1 })
    }
}
