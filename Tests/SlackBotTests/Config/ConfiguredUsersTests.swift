import Bridge
import Testing

@testable import SlackBot

@Suite("Configured users")
struct ConfiguredUsersTests {
    static let yaml = """
        default_user: {role: qa_tester, allowed_domains: [sql_help]}
        super_admins:
          - {email: root@acme.example, name: Root}
        users:
          - {email: Ana@Acme.example, name: Ana, role: dba, slack_user_id: U0ANA, allowed_mcps: [ops]}
          - {email: ben@acme.example, role: read_only}
        """

    static func users(admins: String? = nil, slack: String = "") throws -> (ConfiguredUsers, PolicyRules) {
        let environment = admins.map { ["OMNI_ADMINS": $0] } ?? [:]
        let settings = try #require(
            ConfigFixtures.load(
                ["users.yaml": yaml, "mcps.yaml": "mcps: [{name: ops, command: x}]", "slack.yaml": slack],
                environment: environment
            ).settings)
        return (settings.users, settings.policy)
    }

    @Test("users are found by Slack id, and by e-mail in any letter case")
    func lookUp() throws {
        let (users, _) = try Self.users()
        let ana = try #require(users.principal(slackUser: "U0ANA", team: "T1"))
        #expect(ana.email == "ana@acme.example")
        #expect(ana.role == "dba")
        #expect(ana.source.description == "users.yaml:5 users[0]")
        #expect(users.principal(email: " ANA@acme.EXAMPLE ") == ana)
        #expect(users.principal(slackUser: "U0BEN", team: nil) == nil)
        #expect(users.principal(email: "eve@acme.example") == nil)
    }

    @Test("with a configured workspace, a Slack id of another team is not a configured user")
    func otherTeam() throws {
        let (users, _) = try Self.users(slack: "slack: {workspace_id: T1}")
        #expect(users.principal(slackUser: "U0ANA", team: "T1") != nil)
        #expect(users.principal(slackUser: "U0ANA", team: "T2") == nil)
    }

    @Test("the files decide for the users in them; the store and then default_user decide for the others")
    func precedence() throws {
        let (users, _) = try Self.users()
        #expect(users.principal(email: "ben@acme.example", name: "Ben", storeRole: "admin").role == "read_only")
        #expect(users.principal(email: "ben@acme.example", name: "Ben", storeRole: nil).name == "Ben")
        let stored = users.principal(email: "Eve@acme.example", name: "Eve", storeRole: "power_user")
        #expect(stored.role == "power_user")
        #expect(stored.email == "eve@acme.example")
        #expect(stored.source.file == "store")
        let stranger = users.principal(email: "joe@acme.example", name: nil, storeRole: nil)
        #expect(stranger.role == "qa_tester")
        #expect(stranger.name == "joe@acme.example")
        #expect(stranger.domains == ["sql_help"])
        #expect(stranger.source.description == "users.yaml:1 default_user")
    }

    @Test("OMNI_ADMINS makes users administrators, also those in the files")
    func administrators() throws {
        let (users, rules) = try Self.users(admins: "new@acme.example, ANA@acme.example")
        let new = users.principal(email: "new@acme.example", name: "New", storeRole: "read_only")
        #expect(new.role == Role.admin)
        #expect(new.name == "New")
        #expect(new.source.key == "OMNI_ADMINS")
        let ana = try #require(users.principal(slackUser: "U0ANA", team: nil))
        #expect(ana.role == Role.admin)
        #expect(ana.name == "Ana")
        let tool = ToolDefinition(
            name: ToolName(server: "ops", tool: "get_health"), description: "", inputSchema: .object([:]))
        #expect(Policy(rules).verdict(for: new, in: .commandLine, on: tool).decision == .allow)
        #expect(Policy(rules).isAdmin(try #require(users.principal(email: "root@acme.example"))))
    }

    @Test("a role of users.yaml takes precedence over mcps.yaml, and both over the built-in roles, key by key")
    func roles() throws {
        let settings = try #require(
            ConfigFixtures.load([
                "users.yaml": """
                roles:
                  dba: {permissions: {can_bypass_tool_restrictions: false}, rank: 45}
                  auditor: {}
                """,
                "mcps.yaml": """
                roles:
                  dba: {can_bypass_restrictions: true, can_manage_users: true}
                  tester: {description: Tests}
                """,
            ]).settings)
        let dba = try #require(settings.policy.roles["dba"])
        #expect(dba.canBypassToolRestrictions == false)
        #expect(dba.canManageUsers)
        #expect(dba.rank == 45)
        #expect(dba.source.description == "users.yaml:2 roles.dba")
        #expect(settings.policy.roles["tester"]?.source.file == "mcps.yaml")
        #expect(settings.policy.roles["auditor"]?.rank == 0)
        #expect(settings.policy.roles["admin"]?.canModifyConfiguration == true)
    }
}
