import Bridge
import Testing

@testable import SlackBot

@Suite("The shipped configuration")
struct ShippedConfigTests {
    @Test("the shipped files load without a problem when no variable is set")
    func shippedFilesAreQuiet() throws {
        let folder = ConfigFixtures.root.appending(path: "config").path
        let (settings, problems) = SettingsLoader.load(folder: folder, environment: EnvironmentVariables([:]))
        #expect(problems.map(\.description) == [])
        let shipped = try #require(settings)
        #expect(shipped.servers.isEmpty)
        #expect(shipped.users.fallback.role == "read_only")
        #expect(shipped.policy.defaultServers?.value == .listed([:]))
        let blocked = shipped.policy.blockedTools.map(\.value.pattern)
        #expect(blocked == ["execute_raw_sql", "delete_database", "truncate_*", "shutdown_*"])
        #expect(shipped.policy.roles.keys.sorted() == ["admin", "dba", "power_user", "qa_tester", "read_only"])
    }

    @Test("the values in the shipped files are the program's defaults")
    func shippedFilesSayTheDefaults() throws {
        let folder = ConfigFixtures.root.appending(path: "config").path
        let shipped = try #require(SettingsLoader.load(folder: folder, environment: EnvironmentVariables([:])).0)
        let bare = try #require(ConfigFixtures.load([:]).settings)
        #expect(shipped.model == bare.model)
        #expect(shipped.slack == bare.slack)
        #expect(shipped.threading == bare.threading)
        #expect(shipped.sidePort == bare.sidePort)
        #expect(shipped.deadline == bare.deadline)
        #expect(shipped.drain == bare.drain)
        #expect(shipped.log == bare.log)
    }

    @Test("the shipped files load without a problem when all commented-out keys are active")
    func examplesLoad() throws {
        let files = try ConfigFixtures.shippedInFull()
        let (settings, problems) = try ConfigFixtures.load(files, environment: ConfigFixtures.environment)
        #expect(problems.map(\.description) == [])
        let full = try #require(settings)
        #expect(full.servers.map(\.name) == ["database", "files", "tickets", "search"])
        #expect(full.policy.roles["auditor"]?.rank == 35)
        #expect(full.policy.channels.first?.channel == "incidents")
        #expect(full.threading.history.channels == ["incidents": false])
        #expect(full.model.prices["my-model"]?.input == 800)
    }

    @Test("the demo's files load without a problem, and its users have their rights")
    func demoLoads() throws {
        let folder = ConfigFixtures.root.appending(path: "demo/config").path
        let environment = EnvironmentVariables(["OMNI_EXECUTABLE": "/opt/omni"])
        let (settings, problems) = SettingsLoader.load(folder: folder, environment: environment)
        #expect(problems.map(\.description) == [])
        let demo = try #require(settings)
        #expect(demo.model.provider == .offline)
        #expect(demo.model.model == "offline")
        #expect(demo.sidePort.port == 0)
        let ops = try #require(demo.servers.first)
        let transport = ServerConfiguration.Transport.stdio(
            command: "/opt/omni", arguments: ["demo-mcp"], directory: nil, environment: [:])
        #expect(ops.transport == transport)

        func decision(_ slackUser: String, _ tool: String) throws -> Verdict.Decision {
            let person = try #require(demo.users.principal(slackUser: slackUser, team: "T0ACME"))
            let definition = ToolDefinition(
                name: ToolName(server: "ops", tool: tool), description: "", inputSchema: .object([:]))
            return Policy(demo.policy).verdict(for: person, in: .commandLine, on: definition).decision
        }
        #expect(try decision("U0BEN", "get_top_queries") == .allow)
        #expect(try decision("U0BEN", "drop_index") == .deny)
        #expect(try decision("U0DAN", "restart_service") == .allow)
        #expect(try decision("U0DAN", "kill_session") == .deny)
        #expect(try decision("U0ANA", "drop_index") == .ask)
        #expect(try decision("U0CLEO", "restart_service") == .allow)
    }

    @Test("defaults without any file: loopback port 8000, the embedded store, Anthropic")
    func defaultsWithoutFiles() throws {
        let (settings, problems) = try ConfigFixtures.load([:])
        #expect(problems == [])
        let bare = try #require(settings)
        #expect(bare.sidePort == SidePortSettings())
        #expect(bare.sidePort.host == "127.0.0.1")
        #expect(bare.sidePort.port == 8000)
        #expect(bare.store.databaseURL == nil)
        #expect(bare.model == ModelSettings())
        #expect(bare.dataFolder == "data")
        #expect(bare.deadline == .seconds(300))
        #expect(bare.policy.roles["admin"] != nil)
        let stranger = bare.users.principal(email: "x@acme.example", name: nil, storeRole: nil)
        #expect(stranger.role == "read_only")
    }

    @Test("a missing folder is a note, not an error")
    func missingFolder() throws {
        let (settings, problems) = SettingsLoader.load(
            folder: "/nowhere/at/all", environment: EnvironmentVariables([:]))
        #expect(settings != nil)
        #expect(problems.map(\.severity) == [.note])
    }

    @Test(".env.example is a valid .env and sets only empty values")
    func exampleEnvironment() throws {
        let (values, problems) = DotEnv.parse(try ConfigFixtures.text(".env.example"), file: ".env.example")
        #expect(problems == [])
        #expect(values == ["SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "ANTHROPIC_API_KEY": ""])
    }
}
