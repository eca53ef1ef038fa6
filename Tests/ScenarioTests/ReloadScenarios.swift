import Analytics
import Bridge
import Foundation
import NIOConcurrencyHelpers
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Changing the configuration of a running process", .timeLimit(.minutes(10)))
struct ReloadScenarios {
    /// - Parameter mark: an environment value by which the server's process is told from those of other tests.
    private static func server(_ name: String, mark: String = "") -> String {
        """
          - name: \(name)
            protocol: stdio
            command: \(Program.omni)
            args: [demo-mcp]
            env: {TEST_MARK: "\(mark)"}
            role_restrictions:
              read_only: {deny: [list_deploys]}
              dba: {allow_all: true}
        """
    }

    /// - Parameter interval: the time between two checks of the files; the default is so long that only a requested
    ///   reload happens.
    private func open(
        mark: String = "", interval: Duration = .seconds(3_600),
        _ body: @escaping @Sendable (InProcessBot, SidePortClient) async throws -> Void
    ) async throws {
        var plan = InProcessBot.Plan()
        plan.mcps = "mcps:\n" + Self.server("ops", mark: mark)
        plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
        plan.reloadInterval = interval
        try await InProcessBot.run(plan) { bot in
            try await body(bot, try SidePortClient(bot))
        }
    }

    private static func write(_ text: String, to name: String, _ bot: InProcessBot) throws {
        let file = bot.folder.appending(path: "config/\(name)")
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    private static func names(_ bot: InProcessBot) -> [String] {
        bot.omni.app.registry.statuses.map(\.name).filter { $0 != Policy.analyticsServer }.sorted()
    }

    @Test("a changed file applies to the next question, without a restart")
    func onDisk() async throws {
        try await open(interval: .milliseconds(50)) { bot, sidePort in
            let path = "/mcp/tools/list?user_id=ben@acme.example"
            #expect(try await !sidePort.get(path).body.text().contains("list_deploys"))
            try Self.write(
                InProcessBot.users.replacing("role: read_only, slack", with: "role: dba, slack"), to: "users.yaml", bot)
            try await bot.until("the new role counts") {
                try await sidePort.get(path).body.text().contains("list_deploys")
            }
            let config = try await sidePort.get("/admin/config").body
            #expect(config["generation"]?.int == 2)
            try await bot.until("the reload is in the record") {
                try await bot.store.adminEvents().first?.action == "config.reloaded"
            }
            #expect(try await bot.store.adminEvents().first?.actor == "file")
        }
    }

    @Test("adding or removing a server leaves the others connected")
    func servers() async throws {
        let mark = "\(ULID())"
        try await open(mark: mark) { bot, sidePort in
            let ops = "mcps:\n" + Self.server("ops", mark: mark)
            let child = try #require(Self.processes(mark).first)
            try Self.write(ops + "\n" + Self.server("more"), to: "mcps.yaml", bot)
            let added = try await sidePort.post("/admin/reload", "").body
            #expect(added["mcps"]?["added"]?[0] == "more")
            try await bot.until("the new server's tools are known") {
                bot.omni.app.registry.catalogue.tools.contains { $0.name.server == "more" }
            }
            #expect(Self.names(bot) == ["more", "ops"])
            try Self.write(ops, to: "mcps.yaml", bot)
            let removed = try await sidePort.post("/admin/reload", "").body
            #expect(removed["mcps"]?["removed"]?[0] == "more")
            try await bot.until("the server is gone") { Self.names(bot) == ["ops"] }
            #expect(!bot.omni.app.registry.catalogue.tools.contains { $0.name.server == "more" })
            #expect(Self.processes(mark) == [child], "the one that stayed was not started anew")
        }
    }

    @Test("a file with an error changes nothing and is reported with its place; keys that need a restart are named")
    func errors() async throws {
        try await open { bot, sidePort in
            try Self.write("users: [{email: 7, rol: x}]\n", to: "users.yaml", bot)
            let refused = try await sidePort.post("/admin/reload", "")
            #expect(refused.status == 422)
            #expect(refused.body["status"] == "rejected")
            #expect(refused.body["problems"]?.text().contains("users.yaml:1") == true)
            #expect(
                try await sidePort.get("/mcp/tools/list?user_id=ana@acme.example").body.text().contains("list_deploys"))
            let config = try await sidePort.get("/admin/config").body
            #expect(config["generation"]?.int == 1)
            #expect(config["last_reload"]?["status"] == "rejected")

            try Self.write(InProcessBot.users, to: "users.yaml", bot)
            let settings = "llm: {provider: offline}\napp: {port: 1}\nquestion: {deadline_seconds: 77}\n"
            try Self.write(settings, to: "settings.yaml", bot)
            let applied = try await sidePort.post("/admin/reload", "")
            #expect(applied.status == 200)
            #expect(applied.body["needs_restart"]?.text() == #"["settings.yaml app.port"]"#)
            #expect(applied.body["changed"]?.text() == #"["settings.yaml question.deadline_seconds"]"#)
            #expect(try await sidePort.get("/admin/config").body["question"]?["deadline_seconds"]?.double == 77)
            let again = try await sidePort.post("/admin/reload", "").body
            #expect(again["status"] == "unchanged")
            #expect(again["needs_restart"]?[0] == "settings.yaml app.port", "it is said until the restart")
        }
    }

    @Test("omni reload asks the running process, and fails with a message when there is none")
    func command() async throws {
        try await open { bot, sidePort in
            let arguments = ["reload", "--config", bot.folder.appending(path: "config").path(), "--url"]
            let token = ["OMNI_ADMIN_TOKEN": SidePortClient.token]
            let same = try await Program.run(arguments + [sidePort.base], environment: token)
            #expect(same.status == 0)
            #expect(same.output.contains("unchanged"))
            try Self.write("users: 7\n", to: "users.yaml", bot)
            let broken = try await Program.run(arguments + [sidePort.base], environment: token)
            #expect(broken.status == 1)
            #expect(broken.output.contains("users.yaml:1"))
            let wrong = try await Program.run(arguments + [sidePort.base], environment: ["OMNI_ADMIN_TOKEN": "x"])
            #expect(wrong.status == 1)
            #expect(wrong.errors.contains("did not reload"))
            let dead = try await Program.run(arguments + ["http://127.0.0.1:1"], environment: token)
            #expect(dead.status == 1)
            #expect(dead.errors.contains("is `omni run` up?"))
            let none = try await Program.run(arguments + [sidePort.base])
            #expect(none.errors.contains("OMNI_ADMIN_TOKEN is not set"))
        }
    }

    @Test("a user who loses a server during their question calls no more of its tools, in that question either")
    func rightTaken() async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
            plan.reloadInterval = .seconds(3_600)
            try await InProcessBot.run(plan) { bot in
                let sidePort = try SidePortClient(bot)
                let users = InProcessBot.users.replacing(
                    "slack_user_id: U0ANA, allowed_mcps: \"*\"", with: "slack_user_id: U0ANA, allowed_mcps: []")
                let desk = TwoSteps {
                    try Self.write(users, to: "users.yaml", bot)
                    #expect(try await sidePort.post("/admin/reload", "").body["status"] == "applied")
                }
                bot.omni.app.registry.add(desk, displayName: "Desk")
                try await bot.until("its tools are known") {
                    bot.omni.app.registry.catalogue.tools.count { $0.name.server == "desk" } == 2
                }
                try await model.script(
                    ["calls": [["name": "desk__begin", "input": [:]]]],
                    ["calls": [["name": "desk__finish", "input": [:]]]], ["text": "It was begun only."], in: bot)
                let root = try bot.emulator.say(as: "ana", in: "#ops", "@omni begin, then finish")
                #expect(try await bot.answer(in: "#ops", root).contains("begun only"))
                #expect(desk.calls == ["begin"])
                let row = try #require(try await bot.audit().first)
                let calls = try await bot.store.toolCalls(of: try #require(row.questionID.flatMap { ULID($0) }))
                #expect(calls.map(\.decision) == [.allow, .deny])
            }
        }
    }

    /// The processes of the demo servers that have this mark in their environment.
    private static func processes(_ mark: String) -> Set<Int32> {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return Set(
            all.compactMap(Int32.init).filter { pid in
                let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data()
                return environment.range(of: Data("TEST_MARK=\(mark)\0".utf8)) != nil
            })
    }
}

/// A tool source in this process: `begin` runs the closure of the test, `finish` is the call after it.
private final class TwoSteps: ToolSource {
    let server = "desk"
    private let act: @Sendable () async throws -> Void
    private let called = NIOLockedValueBox<[String]>([])

    init(_ act: @escaping @Sendable () async throws -> Void) { self.act = act }

    var calls: [String] { called.withLockedValue { $0 } }

    func listTools() async throws -> [ToolDefinition] {
        ["begin", "finish"].map { name in
            ToolDefinition(
                name: ToolName(server: server, tool: name), description: "Does \(name).",
                inputSchema: ["type": "object"], annotations: ToolAnnotations(readOnly: false, destructive: false))
        }
    }

    func call(_ call: ToolCall) async throws -> ToolResult {
        let name = call.name.tool
        called.withLockedValue { $0.append(name) }
        if name == "begin" { try await act() }
        return .text("done")
    }
}
