import Bridge
import Foundation
import Testing

@testable import Analytics

@Suite("Users in the store", .timeLimit(.minutes(3)))
struct UserTests {
    private static let ada = SeenUser(
        team: "T1", slackUserID: "U1", email: "Ada@Example.com", name: "Ada", role: "read_only")

    @Test("a user gets one row, however often they are seen", arguments: Backend.allCases)
    func seen(_ backend: Backend) async throws {
        try await backend.withStores(2) { stores in
            let rows = try await withThrowingTaskGroup { group in
                for number in 0..<10 { group.addTask { try await stores[number % 2].seen(Self.ada) } }
                return try await group.reduce(into: [UserRow]()) { $0.append($1) }
            }
            #expect(Set(rows.map(\.id)).count == 1)
            let users = try await stores[0].users()
            #expect(users.map(\.email) == ["ada@example.com"])
            #expect(users.first?.isActive == true && users.first?.role == "read_only")
            #expect(try await stores[0].user(team: "T1", slackUserID: "U1")?.id == rows[0].id)
            #expect(try await stores[0].user(team: "T2", slackUserID: "U1") == nil)
            #expect(try await stores[0].user(email: "ADA@example.com")?.id == rows[0].id)
        }
    }

    @Test("the store's role stays unless the configuration names the user", arguments: Backend.allCases)
    func roles(_ backend: Backend) async throws {
        try await backend.withStore { store in
            _ = try await store.seen(Self.ada)
            #expect(try await store.setRole("dba", of: "ada@example.com")?.role == "dba")
            #expect(try await store.seen(Self.ada).role == "dba")
            var named = Self.ada
            named.role = "admin"
            named.roleIsFixed = true
            named.isSuperAdmin = true
            #expect(try await store.seen(named).role == "admin")
            #expect(try await store.user(email: "ada@example.com")?.isSuperAdmin == true)
            #expect(try await store.seen(Self.ada).isSuperAdmin == false, "taken out of super_admins")
            #expect(try await store.setRole("dba", of: "nobody@example.com") == nil)
        }
    }

    @Test("a disabled user stays disabled under another e-mail and another id", arguments: Backend.allCases)
    func disabled(_ backend: Backend) async throws {
        try await backend.withStore { store in
            _ = try await store.seen(Self.ada)
            #expect(try await store.setActive(false, "Ada@example.com")?.isActive == false)
            var moved = Self.ada
            moved.email = "ada.l@example.com"
            #expect(try await store.seen(moved).isActive == false)
            moved.slackUserID = "U9"
            #expect(try await store.seen(moved).isActive == false)
            #expect(try await store.users().count == 1)
            #expect(try await store.setActive(true, "ada.l@example.com")?.isActive == true)
        }
    }

    @Test("two rows of one user do not undo a disabling", arguments: Backend.allCases)
    func twoRows(_ backend: Backend) async throws {
        try await backend.withStore { store in
            _ = try await store.seen(Self.ada)
            _ = try await store.add(SeenUser(email: "new@example.com", name: "New", role: "dba"))
            _ = try await store.setActive(false, "ada@example.com")
            var moved = Self.ada
            moved.email = "new@example.com"
            #expect(try await store.seen(moved).isActive == false)
            _ = try await store.setActive(true, "ada@example.com")
            let row = try await store.seen(moved)
            #expect(row.email == "new@example.com" && row.role == "dba" && row.slackUserID == "U1")
            #expect(try await store.user(email: "ada@example.com")?.slackUserID == nil)
        }
    }

    @Test(
        "a user added at the terminal is found by e-mail and id, and changed by adding", arguments: Backend.allCases)
    func add(_ backend: Backend) async throws {
        try await backend.withStore { store in
            let first = try await store.add(
                SeenUser(slackUserID: "U5", email: "bob@example.com", name: "Bob", role: "dba"))
            let again = try await store.add(SeenUser(email: "BOB@example.com", name: "Robert", role: "admin"))
            #expect(again.id == first.id && again.role == "admin" && again.name == "Robert")
            #expect(again.slackUserID == "U5")
            let met = try await store.seen(
                SeenUser(team: "T1", slackUserID: "U5", email: "bob@example.com", name: "Bob", role: "read_only"))
            #expect(met.id == first.id && met.role == "admin" && met.slackTeamID == "T1")
        }
    }

    @Test("a server's health and tools are stored, with its failures in a row", arguments: Backend.allCases)
    func servers(_ backend: Backend) async throws {
        try await backend.withStore { store in
            func tool(_ name: String, destructive: Bool? = nil) -> ToolDefinition {
                ToolDefinition(
                    name: ToolName(server: "demo", tool: name), description: "does \(name)",
                    inputSchema: ["type": "object"], annotations: ToolAnnotations(destructive: destructive))
            }
            var status = ServerStatus(name: "demo", displayName: "Demo", state: .healthy, tools: 2)
            try await store.observed(
                status, url: "http://127.0.0.1/mcp", tools: [tool("a"), tool("b", destructive: true)])
            status.state = .unhealthy
            status.problem = "connection refused"
            for _ in 0..<3 { try await store.observed(status, url: "http://127.0.0.1/mcp") }
            let health = try await store.database.read { try $0.query("SELECT * FROM v_mcp_health", []) }
            #expect(health.first?.int("consecutive_failures") == 3)
            #expect(health.first?.bool("is_healthy") == false)
            #expect(health.first?.int("tool_count") == 2)
            status.state = .healthy
            try await store.observed(status, url: "http://127.0.0.1/mcp", tools: [tool("b", destructive: true)])
            let tools = try await store.database.read {
                try $0.query("SELECT name, is_dangerous, is_present FROM mcp_tools ORDER BY name", [])
            }
            #expect(tools.map { $0.bool("is_present") } == [false, true])
            #expect(tools.map { $0.bool("is_dangerous") } == [false, true])
        }
    }

    @Test("a server that is configured no more is disabled, without tools", arguments: Backend.allCases)
    func removedServer(_ backend: Backend) async throws {
        try await backend.withStore { store in
            for name in ["demo", "gone"] {
                let tool = ToolDefinition(
                    name: ToolName(server: name, tool: "a"), description: "", inputSchema: ["type": "object"])
                try await store.observed(
                    ServerStatus(name: name, displayName: name, state: .healthy, tools: 1), url: "", tools: [tool])
            }
            try await store.observedServers(["demo"])
            let servers = try await store.database.read { try ReportReader($0).servers() }
            #expect(servers.map(\.name) == ["demo", "gone"] && servers.map(\.isEnabled) == [true, false])
            #expect(servers.map(\.isHealthy) == [true, false] && servers.map(\.tools) == [1, 0])
            #expect(servers.map(\.state) == ["healthy", "disabled"])
            try await store.observedServers([])
            let none = try await store.database.read { try ReportReader($0).servers() }
            #expect(none.count == 2 && none.allSatisfy { !$0.isEnabled && $0.tools == 0 })
        }
    }
}
