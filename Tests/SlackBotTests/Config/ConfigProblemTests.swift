import Foundation
import Testing

@testable import SlackBot

@Suite("Problems of the configuration")
struct ConfigProblemTests {
    /// Files named `<fault>.<file>.yaml`; their `# expect` lines list all expected problems, in the order of the
    /// file.
    static let badFiles =
        (try? FileManager.default.contentsOfDirectory(atPath: ConfigFixtures.fixtures.appending(path: "bad").path))?
        .filter { $0.hasSuffix(".yaml") }.sorted() ?? []

    @Test("a bad file yields exactly the problems that it lists, with line, key path and hint", arguments: badFiles)
    func badFile(_ name: String) throws {
        let text = try ConfigFixtures.text("Tests/Fixtures/config/bad/\(name)")
        let file = name.split(separator: ".").suffix(2).joined(separator: ".")
        let expected = text.split(separator: "\n").filter { $0.hasPrefix("# expect ") }
            .map { String($0.dropFirst("# expect ".count)) }
        try #require(!expected.isEmpty)
        try ConfigFixtures.withFolder([file: text]) { folder in
            let (settings, problems) = SettingsLoader.load(folder: folder, environment: EnvironmentVariables([:]))
            let found = problems.map { "\($0.severity) \($0)".replacing("\(folder)/", with: "") }
            #expect(found == expected)
            #expect((settings == nil) == problems.hasErrors)
        }
    }

    @Test("the bad files are found")
    func fixturesAreFound() { #expect(Self.badFiles.count > 15) }

    @Test("the problems of all files are reported together, sorted by file and line")
    func allFilesAtOnce() throws {
        let (settings, problems) = try ConfigFixtures.load([
            "users.yaml": "users:\n  - {email: nobody, role: dba}\n",
            "settings.yaml": "app: {port: x}\nllm: {model: {}}\n",
            "mcps.yaml": "mcps: [\n",
        ])
        #expect(settings == nil)
        let files = problems.map { String($0.file.split(separator: "/").last ?? "") }
        #expect(files == ["mcps.yaml", "settings.yaml", "settings.yaml", "users.yaml"])
        #expect(
            problems.map(\.line)
                == problems.map(\.line).enumerated().map { $0.offset == 0 ? problems[0].line : $0.element })
        #expect(problems.filter { $0.file.hasSuffix("settings.yaml") }.map(\.line) == [1, 2])
    }

    @Test("an unknown file is reported, with the name that was probably meant")
    func strayFile() throws {
        let (settings, problems) = try ConfigFixtures.load(["setings.yaml": "a: 1", "mcps.yml": "b: 2"])
        #expect(settings != nil)
        #expect(problems.map(\.severity) == [.warning, .warning])
        #expect(problems.map(\.hint) == ["did you mean mcps.yaml?", "did you mean settings.yaml?"])
    }

    @Test("variables of the wrong form are errors that name the variable and not its value")
    func variables() throws {
        let (settings, problems) = try ConfigFixtures.load(
            [:],
            environment: [
                "DATABASE_URL": "mysql://hidden", "SLACK_API_URL": "http://hidden.example", "LOG_LEVEL": "hidden",
                "LOG_FORMAT": "hidden", "SLACK_BOT_TOKEN": "hidden", "SLACK_APP_TOKEN": "hidden",
            ])
        #expect(settings == nil)
        #expect(problems.allSatisfy { $0.file == "environment" && !$0.description.contains("hidden") })
        #expect(
            problems.map(\.keyPath) == [
                "DATABASE_URL", "LOG_FORMAT", "LOG_LEVEL", "SLACK_API_URL", "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN",
            ])
    }

    @Test("no problem contains a secret, from a file or from a variable")
    func secretsAreNotTold() throws {
        let secret = "s3cr3t"
        let (_, problems) = try ConfigFixtures.load(
            [
                "settings.yaml": """
                database: {url: "mysql://u:\(secret)@h/d"}
                llm: {api_key: [\(secret)], provider: "${KEY}", model: "a
                """,
                "slack.yaml": "slack: {bot_token: \(secret), app_token: \"${KEY}\", api_url: \"http://h/\(secret)\"}",
                "mcps.yaml": """
                mcps:
                  - name: a
                    url: "h?token=\(secret)"
                    protocol: ${KEY}
                    authentication: {type: "${KEY}", api_key: \(secret), password: {x: \(secret)}}
                  - name: "${KEY}."
                    url: http://u:\(secret)@h/mcp
                    timeout_seconds: ${KEY}
                """,
                "users.yaml": "users: [{email: \"${KEY}\", role: \"${KEY}\", slack_user_id: \"${KEY}\"}]",
            ], environment: ["KEY": secret])
        #expect(problems.count > 6)
        for problem in problems {
            #expect(!"\(problem)".contains(secret) && !String(reflecting: problem).contains(secret))
        }
    }

    @Test("a printed settings value shows no secret")
    func settingsPrintNoSecret() throws {
        let settings = try #require(
            ConfigFixtures.load(
                [
                    "mcps.yaml":
                        "mcps: [{name: a, url: \"http://h/mcp\", authentication: {type: bearer, api_key: hush}}]"
                ],
                environment: [
                    "SLACK_BOT_TOKEN": "xoxb-hush", "ANTHROPIC_API_KEY": "hush", "OMNI_ADMIN_TOKEN": "hush",
                    "DATABASE_URL": "postgresql://u:hush@h/d",
                ]
            ).settings)
        #expect(settings.model.apiKey?.revealed == "hush")
        #expect(settings.servers[0].credentials[0].value.revealed == "Bearer hush")
        var dump = ""
        Swift.dump(settings, to: &dump)
        #expect(!dump.contains("hush"))
    }
}
