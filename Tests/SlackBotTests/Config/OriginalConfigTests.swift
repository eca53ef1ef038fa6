import Bridge
import Testing

@testable import SlackBot

@Suite("A configuration folder of the original system")
struct OriginalConfigTests {
    static let environment = EnvironmentVariables([
        "DATABASE_URL": "postgresql+asyncpg://omni:pass@localhost:5433/omni", "ANTHROPIC_API_KEY": "sk-1",
        "DATABASE_MCP_KEY": "k", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1",
    ])

    static func load() -> (Settings?, [ConfigProblem]) {
        SettingsLoader.load(
            folder: ConfigFixtures.fixtures.appending(path: "original").path, environment: environment)
    }

    @Test("all keys are known: those without effect are named in one note for each file, undeclared roles are warnings")
    func loadsUnchanged() {
        let (settings, found) = Self.load()
        #expect(settings != nil)
        let warnings = found.filter { $0.severity == .warning }
        #expect(warnings.map(\.keyPath) == ["users[3].role", "users[4].role"])
        #expect(warnings.map(\.line) == [39, 49])
        #expect(warnings.allSatisfy { $0.message.hasSuffix("is not declared") })
        let problems = found.filter { $0.severity != .warning }
        #expect(problems.map(\.severity) == [.note, .note, .note, .note, .note])
        let files = problems.compactMap { $0.file.split(separator: "/").last.map(String.init) }
        #expect(files == ["mcps.yaml", "settings.yaml", "slack.yaml", "threading.yaml", "users.yaml"])
        for problem in problems where !problem.message.hasPrefix("accepted, has no effect yet: ") {
            Issue.record("\(problem)")
        }
    }

    @Test("the keys without effect are named, once each")
    func names() throws {
        let problems = Self.load().1
        let settings = try #require(problems.first { $0.file.hasSuffix("settings.yaml") })
        #expect(settings.message.contains("llm.{temperature, retry_delay_seconds}"))
        #expect(settings.message.contains("logging.{format, date_format"))
        let users = try #require(problems.first { $0.file.hasSuffix("users.yaml") })
        let permissions = "roles.admin.permissions.{can_view_audit_logs, can_promote_users, can_delete_data}"
        #expect(users.message.contains(permissions))
        #expect(users.message.contains("users[].teams"))
        let mcps = try #require(problems.first { $0.file.hasSuffix("mcps.yaml") })
        #expect(mcps.message.contains("mcps[3].url"))
        #expect(mcps.message.components(separatedBy: "mcps[].rate_limit").count == 2)
    }

    @Test("each key in the table of ignored keys is one that the decoder does not read")
    func tableHoldsOnlyUnreadKeys() throws {
        let files = try ConfigFixtures.shippedInFull()
        let known = try ConfigFixtures.withFolder(files) {
            SettingsLoader.knownKeys(folder: $0, environment: EnvironmentVariables(ConfigFixtures.environment))
        }
        for file in SettingsLoader.fileNames {
            for pattern in IgnoredKeys.patterns(of: file) {
                #expect(known[file]?.contains(pattern) != true, "\(file) \(pattern) is read")
            }
        }
    }

    @Test("a user whose role is not declared has what the user's own list and open servers allow, and no more")
    func undeclaredRoles() throws {
        let settings = try #require(Self.load().0)
        let policy = Policy(settings.policy)
        func decision(_ email: String, _ server: String, _ tool: String) throws -> Verdict {
            let person = try #require(settings.users.principal(email: email))
            let definition = ToolDefinition(
                name: ToolName(server: server, tool: tool), description: "", inputSchema: .object([:]),
                annotations: ToolAnnotations(readOnly: true))
            return policy.verdict(for: person, in: .commandLine, on: definition)
        }
        let (eve, finn) = ("eve@acme.example", "finn@acme.example")
        #expect(try decision(eve, "github_mcp", "search_repositories").isAllowed)
        #expect(try decision(eve, "github_mcp", "get_file_contents").step == .user)
        #expect(try decision(finn, "github_mcp", "get_file_contents").isAllowed)
        // database_mcp names the roles that may use it.
        #expect(try decision(eve, "database_mcp", "get_database_health").step == .roleRestrictions)
        #expect(try decision(eve, Policy.analyticsServer, "get_active_users").decision == .deny)
    }

    @Test("roles, lists, servers and levels keep their meaning")
    func meaning() throws {
        let settings = try #require(Self.load().0)
        #expect(settings.sidePort.host == "0.0.0.0")
        #expect(settings.log.level == .info)
        #expect(settings.log.format == .json)
        #expect(settings.servers.map(\.name) == ["database_mcp", "github_mcp", "filesystem_mcp"])
        #expect(settings.servers[0].transport == .http(url: "http://database-mcp:8300/mcp"))
        #expect(settings.servers[0].credentials.map(\.name) == ["Authorization"])
        #expect(settings.servers[1].isEnabled == false)
        #expect(settings.policy.servers[Policy.analyticsServer]?.roleRestrictions?["dba"]?.value == .denyAll)
        #expect(settings.policy.roles["admin"]?.canBypassToolRestrictions == true)
        #expect(settings.policy.roles["junior_dba"]?.rank == 0)
        let ana = try #require(settings.users.principal(slackUser: "U0ANA", team: "T0ACME"))
        #expect(ana.servers == .all)
        #expect(ana.databases == ["billing"])
        let root = try #require(settings.users.principal(email: "root@acme.example"))
        #expect(root.isSuperAdmin)
        #expect(root.domains == nil)
        #expect(settings.slack.allowedChannels.whitelist == ["dba", "C0123"])
    }
}
