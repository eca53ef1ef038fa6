import Analytics
import Bridge
import Foundation
import TestKit
import Testing

@testable import SlackBot

@Suite("Users and the audit log at the terminal", .timeLimit(.minutes(10)))
struct StoreCommandScenarios {
    /// Runs `omni` in a folder of its own, on the embedded store or on PostgreSQL.
    private struct Terminal: Sendable {
        let folder: URL
        let environment: [String: String]

        func callAsFunction(_ arguments: String...) async throws -> ProgramRun {
            let config = ["--config", folder.appending(path: "config").path()]
            return try await Program.run(arguments + config, environment: environment)
        }
    }

    private func open(postgres: Bool = false, _ body: (Terminal) async throws -> Void) async throws {
        let temporary = try TemporaryFolder()
        defer { temporary.remove() }
        let folder = temporary.url
        var plan = InProcessBot.Plan()
        plan.mcps = SlackQuestionScenarios.ops
        try InProcessBot.write(plan, to: folder)
        var environment = ["OMNI_DATA": folder.appending(path: "data").path()]
        if postgres { environment["DATABASE_URL"] = try await PrivatePostgres.database() }
        try await body(Terminal(folder: folder, environment: environment))
    }

    @Test("users are added, listed and given roles; the role of one in users.yaml is to be changed in that file")
    func people() async throws {
        try await open { omni in
            let added = try await omni(
                "add-user", "--email", "Zoe@Acme.example", "--role", "dba", "--slack-id", "U0ZOE", "--name", "Zoe")
            #expect(added.status == 0)
            #expect(added.output == "ok: zoe@acme.example has the role dba\n")
            let list = try await omni("list-users").output.split(separator: "\n")
            #expect(list.count == 5)
            #expect(list.contains { $0.hasPrefix("ana@acme.example") && $0.contains("users.yaml:3") })
            #expect(list.contains { $0.hasPrefix("zoe@acme.example") && $0.contains("U0ZOE") })
            #expect(try await omni("set-role", "--email", "zoe@acme.example", "--role", "read_only").status == 0)
            let json = try JSONValue(parsing: try await omni("list-users", "--role", "read_only", "--json").output)
            #expect(json.array?.compactMap { $0["email"]?.string } == ["ben@acme.example", "zoe@acme.example"])

            let named = try await omni("set-role", "--email", "ana@acme.example", "--role", "admin")
            #expect(named.status == 1)
            #expect(named.errors.contains("users.yaml:3"))
            let king = try await omni("set-role", "--email", "zoe@acme.example", "--role", "king")
            #expect(king.status == 1)
            #expect(king.errors.contains("\"king\" is not declared"))
            let nobody = try await omni("set-role", "--email", "no@acme.example", "--role", "dba")
            #expect(nobody.errors.contains("nobody is known as no@acme.example"))
            let taken = try await omni(
                "add-user", "--email", "x@acme.example", "--role", "dba", "--slack-id", "U0ZOE")
            #expect(taken.errors.contains("belongs to somebody else"))
            #expect(try await omni("add-user", "--email", "none", "--role", "dba").status == 2)
            #expect(
                try await omni("add-user", "--email", "a@b.example", "--role", "dba", "--slack-id", "x").status == 2)
        }
    }

    @Test("validate-policy uses the role that set-role has given")
    func roleOfTheStore() async throws {
        try await open { omni in
            #expect(try await omni("add-user", "--email", "zoe@acme.example", "--role", "read_only").status == 0)
            #expect(try await omni("set-role", "--email", "zoe@acme.example", "--role", "dba").status == 0)
            let known = try await omni("validate-policy", "--user", "Zoe@acme.example")
            #expect(known.status == 0, "\(known.errors)")
            #expect(known.output.hasPrefix("zoe@acme.example has the role dba (store"), "\(known.output)")
            let unknown = try await omni("validate-policy", "--user", "no@acme.example")
            #expect(unknown.output.hasPrefix("no@acme.example has the role read_only ("), "\(unknown.output)")
        }
    }

    @Test("a tool is called as a named user if their role allows it, and the audit log shows it")
    func call() async throws {
        try await open { omni in
            let called = try await omni("call", "ops", "list_services", "{}", "--user", "ana@acme.example")
            #expect(called.status == 0, "\(called.errors)")
            #expect(called.output.contains("checkout"))
            let denied = try await omni(
                "call", "ops", "drop_index", #"{"name": "idx"}"#, "--user", "ben@acme.example", "--json")
            #expect(denied.status == 1)
            #expect(try JSONValue(parsing: denied.output)["error"]?["code"] == "refused")
            let misfit = try await omni("call", "ops", "explain_query", "{}", "--user", "ana@acme.example")
            #expect(misfit.status == 1)
            #expect(misfit.errors.contains("do not fit ops.explain_query"))
            let unknown = try await omni("call", "ops", "nothing", "{}", "--user", "ana@acme.example")
            #expect(unknown.errors.contains("ops has no tool nothing"))
            #expect(try await omni("call", "ops", "list_services", "[1]", "--user", "ana@acme.example").status == 2)

            let audit = try await omni("audit").output
            #expect(audit.split(separator: "\n").count == 5)
            #expect(audit.contains("refused"))
            let ben = try await omni("audit", "--user", "ben@acme.example", "--since", "1h", "--json").output
            #expect(try JSONValue(parsing: ben).array?.map { $0["was_blocked"] } == [true])
            #expect(try await omni("audit", "--status", "success", "--limit", "1").output.contains("list_services"))
            #expect(try await omni("audit", "--since", "tomorrow").status == 2)
        }
    }

    @Test("the audit log is exported in full, as JSON lines and as CSV", arguments: [false, true])
    func export(postgres: Bool) async throws {
        try await open(postgres: postgres) { omni in
            #expect(try await omni("export", "--format", "jsonl").output.isEmpty)
            let words = ["=1+1", "a \"quoted\", comma", "two\nlines", "plain"]
            for text in words {
                #expect(try await omni("ask", text, "--user", "ana@acme.example").status == 0)
            }
            let lines = try await omni("export", "--format", "jsonl").output.split(separator: "\n")
            let rows = try lines.map { try JSONValue(parsing: String($0)) }
            #expect(rows.compactMap { $0["message"]?.string } == words)
            #expect(rows.allSatisfy { $0["status"] == "success" && $0["user_email"] == "ana@acme.example" })

            let file = omni.folder.appending(path: "export.csv")
            // One that others may read is replaced.
            #expect(
                FileManager.default.createFile(
                    atPath: file.path(), contents: nil, attributes: [.posixPermissions: 0o644]))
            let written = try await omni("export", "--format", "csv", "-o", file.path(), "--since", "1d")
            #expect(written.status == 0)
            #expect(written.errors.contains("ok: 4 rows"))
            let csv = try String(contentsOf: file, encoding: .utf8)
            #expect(csv.hasPrefix("id,question_id,"))
            #expect(csv.contains(",'=1+1,"), "a spreadsheet must not compute it")
            #expect(csv.contains(#","a ""quoted"", comma","#))
            let mode = try FileManager.default.attributesOfItem(atPath: file.path())[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let rest = try await omni("export", "--format", "jsonl", "--after", "2")
            #expect(rest.output.split(separator: "\n").count == 2)
            #expect(rest.errors == "last id: 4\n")
            #expect(try await omni("export", "--format", "cef").output.contains("|Question answered|1|externalId=1 "))
            #expect(try await omni("export", "--format", "syslog", "--after", "3").output.hasPrefix("<110>1 "))
            let nowhere = try await omni("export", "--format", "csv", "-o", "/no/such/folder/x.csv")
            #expect(nowhere.status == 1)
            #expect(nowhere.errors.contains("cannot be written"))
        }
    }

    @Test("the audit log is checked, and a person forgotten", arguments: [false, true])
    func proof(postgres: Bool) async throws {
        try await open(postgres: postgres) { omni in
            #expect(try await omni("ask", "plain", "--user", "ana@acme.example").status == 0)
            let checked = try await omni("audit", "verify")
            #expect(checked.status == 0)
            #expect(checked.output.contains("1 not sealed yet"))
            let json = try JSONValue(parsing: try await omni("audit", "verify", "--json").output)
            #expect(json["ok"] == true && json["unsealed"] == 1)
            #expect(try await omni("audit", "verify", "--since", "7d").status == 2)

            let asked = try await omni("audit", "forget", "ana@acme.example")
            #expect(asked.status == 2)
            let forgotten = try await omni("audit", "forget", "ana@acme.example", "--yes")
            #expect(
                forgotten.output == "ok: forgotten in 1 rows of the audit log and 1 questions\n", "\(forgotten.errors)")
            #expect(try await omni("audit", "list").output.contains("forgotten"))
            let again = try await omni("audit", "forget", "ana@acme.example", "--yes")
            #expect(again.output.contains("Nothing is stored"))
        }
    }

    @Test("a result that a full disk does not take fails the command, in one sentence")
    func fullOutput() async throws {
        try await open { omni in
            #expect(try await omni("ask", "plain", "--user", "ana@acme.example").status == 0)
            let config = ["--config", omni.folder.appending(path: "config").path()]
            let script = #"exec "$0" "$@" > /dev/full"#
            for arguments in [["audit"], ["audit", "--json"], ["export", "--format", "csv"], ["list-users"]] {
                let outcome = try await runProgram(
                    "/bin/sh", ["-c", script, Program.omni] + arguments + config, environment: omni.environment,
                    folder: omni.folder.path(), within: .seconds(60))
                #expect(outcome.status == 1)
                #expect(outcome.errors == "error: standard output takes no more: No space left on device\n")
            }
        }
    }
}
