import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("The command line", .timeLimit(.minutes(10)))
struct CommandLineScenarios {
    /// Makes a configuration folder for the duration of `body`.
    private func folder(
        _ files: [String: String], _ body: (URL) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        for (name, text) in files { try Data(text.utf8).write(to: folder.url.appending(path: name)) }
        try await body(folder.url)
    }

    private func environment(_ folder: URL, _ more: [String: String] = [:]) -> [String: String] {
        ["OMNI_DATA": folder.appending(path: "data").path()].merging(more) { _, new in new }
    }

    @Test("check names a wrong key in the YAML with its line, and a missing variable, each in one line")
    func badConfiguration() async throws {
        let mcps = "mcps:\n  - name: ops\n    protocol: http\n    url: ${OPS_URL}\n    tool_policy: {mode: allow_al}\n"
        try await folder(["mcps.yaml": mcps]) { folder in
            let outcome = try await Program.run(
                ["check", "--offline", "--config", folder.path()], environment: environment(folder))
            #expect(outcome.status == 1)
            let errors = outcome.output.split(separator: "\n").filter { $0.hasPrefix("error:") }
            #expect(errors.count == 2)
            #expect(errors.contains { $0.contains("mcps.yaml:5") && $0.contains("allow_al") })
            #expect(errors.contains { $0.contains("mcps.yaml:4") && $0.contains("OPS_URL") })
        }
    }

    @Test("check loads a folder of the original system, with its undeclared roles as the only warnings")
    func originalFolder() async throws {
        try await folder([:]) { data in
            let original = Repository.root.appending(path: "Tests/Fixtures/config/original").path()
            let variables = [
                "DATABASE_URL": "postgresql+asyncpg://omni:pass@localhost:5433/omni", "ANTHROPIC_API_KEY": "sk-1",
                "DATABASE_MCP_KEY": "k", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1",
            ]
            let outcome = try await Program.run(
                ["check", "--offline", "--config", original], environment: environment(data, variables))
            #expect(outcome.status == 0, "\(outcome.output)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.last?.hasPrefix("ok: configuration in ") == true)
            let warnings = lines.filter { $0.hasPrefix("warning:") }
            #expect(warnings.count == 2 && warnings.allSatisfy { $0.contains("is not declared") }, "\(warnings)")
            #expect(lines.allSatisfy { !$0.hasPrefix("error:") })
        }
    }

    @Test("check names a file that is not YAML with its line")
    func brokenYAML() async throws {
        try await folder(["users.yaml": "users:\n  - {email: a@b.example\n  - x\n"]) { folder in
            let outcome = try await Program.run(
                ["check", "--offline", "--config", folder.path()], environment: environment(folder))
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("users.yaml:"))
        }
    }

    @Test("check connects once to each service: a wrong token and an unreachable server have one clear line each")
    func deadThings() async throws {
        let mcps = """
            mcps:
              - {name: gone, protocol: http, url: "http://127.0.0.1:1/mcp"}
              - {name: missing, protocol: stdio, command: /no/such/program}
            """
        try await withEmulator { emulator in
            try await folder(["mcps.yaml": mcps, "settings.yaml": "llm: {provider: offline}\n"]) { folder in
                var values = environment(
                    folder,
                    [
                        "SLACK_API_URL": emulator.apiURL, "SLACK_BOT_TOKEN": "xoxb-wrong-secret",
                        "SLACK_APP_TOKEN": emulator.options.appToken,
                    ])
                let outcome = try await Program.run(["check", "--config", folder.path()], environment: values)
                #expect(outcome.status == 1)
                let lines = outcome.output.split(separator: "\n").map(String.init)
                #expect(
                    lines.count { $0.hasPrefix("error: slack: SLACK_BOT_TOKEN") && $0.contains("invalid_auth") } == 1)
                #expect(lines.count { $0.hasPrefix("error: mcp gone:") } == 1)
                #expect(lines.count { $0.hasPrefix("error: mcp missing:") } == 1)
                #expect(lines.contains { $0.hasPrefix("ok: store: SQLite") })
                #expect(!outcome.output.contains("wrong-secret"))

                values["SLACK_BOT_TOKEN"] = emulator.options.botToken
                try Data("mcps: []\n".utf8).write(to: folder.appending(path: "mcps.yaml"))
                let well = try await Program.run(["check", "--config", folder.path()], environment: values)
                #expect(well.status == 0, "\(well.output)")
            }
        }
    }

    @Test("ask answers with the tools of a real server from PyPI, and as JSON for programs")
    func ask() async throws {
        let mcps = """
            mcps:
              - name: time
                protocol: stdio
                command: \(Repository.python.path())
                args: [-m, mcp_server_time]
                connect_timeout_seconds: 60
            """
        let users = "users:\n  - {email: ana@acme.example, role: dba, allowed_mcps: [time]}\n"
        let files = ["mcps.yaml": mcps, "users.yaml": users, "settings.yaml": "llm: {provider: offline}\n"]
        try await folder(files) { folder in
            let question = "what is the current time in timezone \"Asia/Tokyo\"?"
            let outcome = try await Program.run(
                ["ask", question, "--user", "ana@acme.example", "--config", folder.path()],
                environment: environment(folder))
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("Asia/Tokyo"))
            #expect(outcome.errors.contains("time.get_current_time"))
            let json = try await Program.run(
                ["ask", question, "--user", "ana@acme.example", "--json", "--config", folder.path()],
                environment: environment(folder))
            let answer = try JSONValue(parsing: json.output.trimmingSpace)
            #expect(answer["tools_used"] == ["time.get_current_time"])
        }
    }

    @Test("ask answers with the tools of a server over HTTP that the official SDK serves")
    func askOverHTTP() async throws {
        let server = try await PeerProcess.python("mcp_http_server.py")
        let mcps = """
            mcps:
              - name: lab
                protocol: http
                url: http://127.0.0.1:\(server.port)/mcp
                connect_timeout_seconds: 60
            """
        let users = "users:\n  - {email: ana@acme.example, role: dba, allowed_mcps: [lab]}\n"
        let files = ["mcps.yaml": mcps, "users.yaml": users, "settings.yaml": "llm: {provider: offline}\n"]
        try await folder(files) { folder in
            let outcome = try await Program.run(
                ["ask", "add the two numbers 19, 23", "--user", "ana@acme.example", "--config", folder.path()],
                environment: environment(folder))
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("42"), "\(outcome.output)")
        }
        await server.stop()
    }

    @Test("validate-policy shows each role's verdicts, and the line of the rule")
    func validatePolicy() async throws {
        let files = [
            "mcps.yaml": SlackQuestionScenarios.ops, "users.yaml": InProcessBot.users,
            "settings.yaml": "llm: {provider: offline}\n",
        ]
        try await folder(files) { folder in
            let outcome = try await Program.run(
                ["validate-policy", "--user", "ben@acme.example", "--config", folder.path()],
                environment: environment(folder))
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n")
            #expect(
                lines.contains { $0.hasPrefix("deny") && $0.contains("ops.drop_index") && $0.contains("mcps.yaml:7") })
            #expect(lines.contains { $0.hasPrefix("allow") && $0.contains("ops.list_deploys") })
        }
    }

    @Test("tools lists what the servers offer, and fails when one is unavailable")
    func tools() async throws {
        let mcps = SlackQuestionScenarios.ops + "\n  - {name: gone, protocol: http, url: \"http://127.0.0.1:1/mcp\"}\n"
        try await folder(["mcps.yaml": mcps, "settings.yaml": "llm: {provider: offline}\n"]) { folder in
            let outcome = try await Program.run(
                ["tools", "--config", folder.path()], environment: environment(folder))
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("drop_index [destructive]"))
            #expect(outcome.output.contains("list_deploys [read-only]"))
            #expect(outcome.output.contains("gone unhealthy"))
        }
    }

    @Test("usage errors exit with 2; missing tokens exit with 1 and a hint")
    func exits() async throws {
        #expect(try await Program.run(["ask"]).status == 2)
        #expect(try await Program.run(["no-such-command"]).status == 2)
        #expect(try await Program.run(["--help"]).status == 0)
        try await folder(["settings.yaml": "llm: {provider: offline}\n"]) { folder in
            let outcome = try await Program.run(
                ["run", "--config", folder.path()], environment: environment(folder))
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("SLACK_BOT_TOKEN"))
            #expect(outcome.errors.contains("make demo"))
        }
    }

    @Test("Ctrl-C ends the question of ask, which is recorded as cancelled")
    func interruptedAsk() async throws {
        try await ModelDouble.run { model in
            try await model.scriptByTurn([["text": "Too late.", "delay": 60]])
            try await folder(["settings.yaml": model.plan.settings]) { folder in
                let values = environment(folder, model.plan.environment)
                let outcome = try await Program.run(
                    ["ask", "how is it?", "--user", "ana@acme.example", "--config", folder.path()], environment: values
                ) { pid in
                    let isAsked: Void? = try? await eventually("the model is asked") {
                        try await !model.journal().isEmpty
                    }
                    #expect(isAsked != nil)
                    kill(pid, SIGINT)
                }
                #expect(outcome.status == 1)
                let log = try await Program.run(["audit", "--config", folder.path()], environment: values)
                #expect(log.output.contains("cancelled"), "\(log.output) \(log.errors)")
            }
        }
    }

    @Test("run connects, and SIGTERM ends it in order with exit code 0")
    func stop() async throws {
        try await withEmulator { emulator in
            try await folder(["settings.yaml": "llm: {provider: offline}\napp: {port: 0}\n"]) { folder in
                let values = environment(
                    folder,
                    [
                        "SLACK_API_URL": emulator.apiURL, "SLACK_BOT_TOKEN": emulator.options.botToken,
                        "SLACK_APP_TOKEN": emulator.options.appToken,
                    ])
                async let outcome = Program.run(["run", "--config", folder.path()], environment: values) { pid in
                    let isConnected = await emulator.waitUntil(within: .seconds(60)) { $0.connections.live >= 2 }
                    #expect(isConnected)
                    kill(pid, SIGTERM)
                }
                let ended = try await outcome
                #expect(ended.status == 0, "\(ended.errors)")
                #expect(!ended.errors.contains(emulator.options.botToken))
                #expect(!ended.errors.contains(emulator.options.appToken))
            }
        }
    }

    @Test("a command whose output is cut off by head exits with its own code instead of a crash")
    func closedOutput() async throws {
        let files = [
            "mcps.yaml": SlackQuestionScenarios.ops, "users.yaml": InProcessBot.users,
            "settings.yaml": "llm: {provider: offline}\n",
        ]
        // The loop returns once head has exited, so that each write of omni meets a closed pipe.
        let script = """
            { echo first; (trap '' PIPE; while echo more; do sleep 0.05; done) 2>/dev/null; "$0" "$@" 2>&1
            echo "status $?" >&3; } 3>&2 | head -1
            """
        try await folder(files) { folder in
            for (arguments, status) in [
                (["validate-policy", "--user", "ben@acme.example"], 0), (["validate-policy"], 2),
            ] {
                let outcome = try await runProgram(
                    "/bin/sh", ["-c", script, Program.omni] + arguments + ["--config", folder.path()],
                    environment: shell(environment(folder)), folder: folder.path(), within: .seconds(60))
                #expect(outcome.output == "first\n")
                #expect(outcome.errors == "status \(status)\n")
            }
        }
    }

    @Test("run goes on answering after the reader of its log has exited")
    func closedLog() async throws {
        // The pipe had a reader before omni starts; exec leaves the process id unchanged, so that SIGTERM reaches
        // omni.
        let script = """
            mkfifo log && { true < log & } && exec 2> log && wait && exec "$0" "$@"
            """
        try await withEmulator { emulator in
            try await folder(["settings.yaml": "llm: {provider: offline}\napp: {port: 0}\n"]) { folder in
                let values = environment(
                    folder,
                    [
                        "SLACK_API_URL": emulator.apiURL, "SLACK_BOT_TOKEN": emulator.options.botToken,
                        "SLACK_APP_TOKEN": emulator.options.appToken, "LOG_FORMAT": "json",
                    ])
                let outcome = try await runProgram(
                    "/bin/sh", ["-c", script, Program.omni, "run", "--config", folder.path()],
                    environment: shell(values), folder: folder.path(), within: .seconds(120)
                ) { pid in
                    let isConnected = await emulator.waitUntil(within: .seconds(60)) { $0.connections.live >= 2 }
                    #expect(isConnected)
                    kill(pid, SIGTERM)
                }
                #expect(outcome.status == 0)
            }
        }
    }

    /// The environment variables that a shell and its programs need, together with `values`.
    private func shell(_ values: [String: String]) -> [String: String] {
        let own = ProcessInfo.processInfo.environment
        return values.merging(own.filter { ["PATH", "HOME", "LANG"].contains($0.key) }) { own, _ in own }
    }

    @Test("init-db creates the schema, and may be run again")
    func initDB() async throws {
        try await folder([:]) { folder in
            for _ in 0..<2 {
                let outcome = try await Program.run(
                    ["init-db", "--config", folder.path()], environment: environment(folder))
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(outcome.output.contains("schema version"))
            }
        }
    }

    @Test("the demo answers its three questions and exits with 0")
    func demo() async throws {
        let outcome = try await Program.run(
            ["demo", "--config", Repository.root.appending(path: "demo/config").path(), "--port", "0"],
            environment: ["DEMO_ONCE": "1"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("ops.get_top_queries"))
        #expect(outcome.output.contains("may not"))
        #expect(!outcome.errors.contains("error"), "\(outcome.errors)")
        try self.shows(outcome.output)
    }

    /// README.md's block shows what the demo prints, apart from numbers and what "…" leaves out.
    private func shows(_ output: String) throws {
        let readme = try String(contentsOf: Repository.root.appending(path: "README.md"), encoding: .utf8)
        let block = try #require(readme.firstMatch(of: /(?s)\n    1\. ana in #ops.*?\n\n(?=\S)/)).output
        let printed = Self.withoutNumbers(output)
        let lines = block.split(separator: "\n").flatMap { $0.split(separator: "…") }.map { Self.withoutNumbers($0) }
            .filter { !$0.isEmpty }
        #expect(lines.count > 8)
        for line in lines { #expect(printed.contains(line), "README.md shows: \(line)") }
    }

    private static func withoutNumbers(_ text: some StringProtocol) -> String {
        String(text).filter { !$0.isNumber && !" ,.`│┌|".contains($0) }.trimmingCharacters(in: .newlines)
    }
}
