import Bridge
import Testing

@testable import SlackBot

@Suite("Settings from the files")
struct SettingsLoaderTests {
    @Test("the environment takes precedence over the files")
    func environmentWins() throws {
        let settings = try #require(
            ConfigFixtures.load(
                [
                    "settings.yaml": """
                    llm: {api_key: file, base_url: "https://file.example/v1"}
                    logging: {level: error, format: text}
                    database: {url: "sqlite:///file"}
                    """,
                    "slack.yaml": "slack: {bot_token: xoxb-file, api_url: \"https://file.example/api\"}",
                ],
                environment: [
                    "ANTHROPIC_API_KEY": "env", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9/", "LOG_LEVEL": "WARN",
                    "LOG_FORMAT": "json", "DATABASE_URL": "postgresql://env/d", "SLACK_BOT_TOKEN": "xoxb-env",
                    "SLACK_API_URL": "http://127.0.0.1:3900/api", "OMNI_DATA": "/tmp/omni", "OMNI_ADMIN_TOKEN": "a",
                ]
            ).settings)
        #expect(settings.model.apiKey?.revealed == "env")
        #expect(settings.model.baseURL == "http://127.0.0.1:9")
        #expect(settings.log.level == .warning)
        #expect(settings.log.format == .json)
        #expect(settings.store.databaseURL?.revealed == "postgresql://env/d")
        #expect(settings.slack.botToken?.revealed == "xoxb-env")
        #expect(settings.slack.apiURL == "http://127.0.0.1:3900/api/")
        #expect(settings.dataFolder == "/tmp/omni")
        #expect(settings.sidePort.adminToken?.revealed == "a")
    }

    @Test("the openai provider reads its own variables and needs a model's name")
    func openAI() throws {
        let variables = [
            "OPENAI_API_KEY": "o", "OPENAI_BASE_URL": "http://127.0.0.1:11434/v1/", "ANTHROPIC_API_KEY": "a",
        ]
        let named = try ConfigFixtures.load(
            ["settings.yaml": "llm: {provider: openai, model: qwen3}"], environment: variables)
        #expect(named.problems == [])
        #expect(named.settings?.model.apiKey?.revealed == "o")
        #expect(named.settings?.model.baseURL == "http://127.0.0.1:11434")
        let nameless = try ConfigFixtures.load(["settings.yaml": "llm: {provider: openai}"], environment: variables)
        #expect(nameless.problems.map(\.keyPath) == ["llm.model"])
    }

    @Test("prices are USD per million tokens; cache prices default to the input price")
    func prices() throws {
        let settings = try #require(
            ConfigFixtures.load([
                "settings.yaml": "llm: {prices: {own: {input: 0.8, output: 4.00, cache_read: 0.08, date: 2026-11-01}}}"
            ]).settings)
        let expected = ModelPrice(
            input: 800, output: 4000, cacheRead: 80, cacheWrite5m: 800, cacheWrite1h: 800, date: "2026-11-01")
        #expect(settings.model.prices == ["own": expected])
    }

    @Test("mcps.global takes precedence over settings.mcp, and an entry over both")
    func intervals() throws {
        let settings = try #require(
            ConfigFixtures.load([
                "settings.yaml": """
                mcp: {request_timeout_seconds: 5, health_check_interval_seconds: 7, discovery_interval_minutes: 2}
                """,
                "mcps.yaml": """
                global: {default_timeout_seconds: 11}
                mcps:
                  - {name: a, url: "http://h/x"}
                  - {name: b, url: "http://h:1", timeout_seconds: 0.5}
                """,
            ]).settings)
        let (first, second) = (settings.servers[0], settings.servers[1])
        #expect(first.callTimeout == .seconds(11))
        #expect(first.healthInterval == .seconds(7))
        #expect(first.discoveryInterval == .seconds(120))
        #expect(second.callTimeout == .milliseconds(500))
        #expect(first.transport == .http(url: "http://h/x"))
        #expect(second.transport == .http(url: "http://h:1/mcp"))
    }

    @Test("an entry's authentication becomes one header, a disabled one none")
    func credentials() throws {
        let settings = try #require(
            ConfigFixtures.load([
                "mcps.yaml": """
                mcps:
                  - {name: a, url: "http://h", authentication: {type: basic, username: u, password: p}}
                  - {name: b, url: "http://h", authentication: {type: api_key, header_value: v}}
                  - {name: c, url: "http://h", authentication: {type: bearer, api_key: t}}
                  - {name: d, url: "http://h", authentication: {enabled: false, type: bearer, api_key: "${NONE}"}}
                """
            ]).settings)
        let headers = settings.servers.map { $0.credentials.map { "\($0.name): \($0.value.revealed)" } }
        #expect(headers == [["Authorization: Basic dTpw"], ["X-API-Key: v"], ["Authorization: Bearer t"], []])
    }

    @Test("an empty role_restrictions restricts no role; a list in its place is an error")
    func emptyRestrictions() throws {
        func load(_ restrictions: String) throws -> Settings? {
            let entry = "{name: ops, command: x, role_restrictions: \(restrictions)}"
            return try ConfigFixtures.load(["mcps.yaml": "mcps: [\(entry)]"]).settings
        }
        let ops = try #require(try load("{}")?.policy.servers["ops"])
        #expect(ops.roleRestrictions == nil)
        #expect(try load("[dba]") == nil)
    }

    @Test("rules keep their file and line")
    func sources() throws {
        let settings = try #require(
            ConfigFixtures.load([
                "mcps.yaml": """
                global:
                  blocked_tools:
                    - a
                    - b_*
                mcps:
                  - name: ops
                    command: x
                    tool_policy:
                      mode: allow_only
                      allow: [get_*]
                      include: [list_*]
                    role_restrictions:
                      dba: {allow_all: true, deny: [drop_*]}
                    visibility: private
                approval: {unannotated: deny}
                """,
                "slack.yaml": """
                channel_rules:
                  "#ops": {servers: [ops], roles: [dba], read_only: true, visibility: private}
                interactive: {require_confirmation: {enabled: false, actions: [x]}}
                """,
            ]).settings)
        #expect(settings.policy.blockedTools[1].source.description == "mcps.yaml:4 global.blocked_tools[1]")
        let ops = try #require(settings.policy.servers["ops"])
        #expect(ops.source.line == 6)
        #expect(ops.isPrivate)
        guard case .allowOnly(let allowed) = ops.toolPolicy?.value else {
            Issue.record("expected allow_only")
            return
        }
        #expect(allowed.map(\.value.pattern) == ["get_*", "list_*"])
        let dba = try #require(ops.roleRestrictions?["dba"])
        #expect(dba.source.description == "mcps.yaml:13 mcps[0].role_restrictions.dba")
        guard case .allowAllExcept(let denied) = dba.value else {
            Issue.record("deny beside allow_all must deny what it names")
            return
        }
        #expect(denied.map(\.value.pattern) == ["drop_*"])
        #expect(settings.policy.unannotated.value == .deny)
        #expect(settings.policy.confirmActions.isEmpty)
        let channel = try #require(settings.policy.channels.first)
        #expect(channel.channel == "ops")
        #expect(channel.servers == ["ops"])
        #expect(channel.roles == ["dba"])
        #expect(channel.isReadOnly && channel.isPrivate)
    }

    @Test("grants of a user: everything, a list, or server by server")
    func grants() throws {
        let settings = try #require(
            ConfigFixtures.load([
                "mcps.yaml": "mcps: [{name: a, command: x}, {name: b, command: x}, {name: c, command: x}]",
                "users.yaml": """
                users:
                  - {email: a@x.example, role: dba, allowed_mcps: "*"}
                  - {email: b@x.example, role: dba, allowed_mcps: [a, b]}
                  - email: c@x.example
                    role: dba
                    allowed_mcps:
                      a: "*"
                      b: {mode: inherit, deny: [x]}
                      c: {mode: custom, tools: [get_*]}
                  - {email: d@x.example, role: admin}
                """,
            ]).settings)
        func servers(_ email: String) -> ServerAccess? { settings.users.principal(email: email)?.servers }
        #expect(servers("a@x.example") == .all)
        #expect(servers("b@x.example") == .listed(["a": .all, "b": .all]))
        let (x, get) = (try Glob("x"), try Glob("get_*"))
        #expect(
            servers("c@x.example")
                == .listed(["a": .all, "b": .inherit(deny: [x]), "c": .custom(tools: [get], deny: [])]))
        #expect(servers("d@x.example") == nil)
    }

    @Test("merged YAML mappings count as written out")
    func mergeKeys() throws {
        let (settings, problems) = try ConfigFixtures.load([
            "mcps.yaml": """
            mcps:
              - &base {name: a, url: "http://h/mcp", timeout_seconds: 9}
              - {<<: *base, name: b}
            """
        ])
        #expect(problems == [])
        #expect(settings?.servers.map(\.callTimeout) == [.seconds(9), .seconds(9)])
        #expect(settings?.servers.map(\.name) == ["a", "b"])
    }

    @Test("the digest changes with any byte of any file, and only then")
    func digest() throws {
        func digest(_ files: [String: String]) throws -> String {
            try #require(ConfigFixtures.load(files).settings).digest
        }
        let first = try digest(["settings.yaml": "app: {port: 1}"])
        #expect(try digest(["settings.yaml": "app: {port: 1}"]) == first)
        #expect(try digest(["settings.yaml": "app: {port: 1} "]) != first)
        #expect(try digest(["slack.yaml": ""]) != first)
    }

    @Test("channels are allowed by list, kind and name")
    func channels() throws {
        let settings = try #require(
            ConfigFixtures.load([
                "slack.yaml":
                    "allowed_channels: {mode: whitelist, whitelist: [\"#ops\", C1], allow_private_channels: false}"
            ]).settings)
        let allowed = settings.slack.allowedChannels
        #expect(allowed.allows(channel: "C1", name: nil, isDirect: false, isPrivate: false))
        #expect(allowed.allows(channel: "C2", name: "ops", isDirect: false, isPrivate: false))
        #expect(!allowed.allows(channel: "C2", name: "dev", isDirect: false, isPrivate: false))
        #expect(!allowed.allows(channel: "C1", name: nil, isDirect: false, isPrivate: true))
        #expect(allowed.allows(channel: "D1", name: nil, isDirect: true, isPrivate: true))
    }

    @Test("a channel that may be on the blacklist is not answered while its name is unknown")
    func unknownChannelName() throws {
        func allows(
            _ blacklist: String, _ channel: String, _ name: String?, before formerNames: Set<String> = []
        ) throws -> Bool {
            let file = "allowed_channels: {mode: blacklist, blacklist: [\(blacklist)]}"
            let settings = try #require(ConfigFixtures.load(["slack.yaml": file]).settings)
            return settings.slack.allowedChannels.allows(
                channel: channel, name: name, isDirect: false, isPrivate: true, formerNames: formerNames)
        }
        #expect(try !allows("\"#prod\"", "C0PROD", nil))
        #expect(try !allows("\"#prod\"", "C0PROD", "prod"))
        #expect(try allows("\"#prod\"", "C0DEV", "dev"))
        #expect(try !allows("\"#prod\"", "C0PROD", "dev", before: ["prod"]), "a new name takes none off the list")
        #expect(try allows("C0PROD", "C0DEV", nil), "ids need no name")
        #expect(try !allows("C0PROD", "C0PROD", nil))
        #expect(try allows("", "C0DEV", nil))
    }
}
