import Analytics
import Bridge
import Foundation
import NIOConcurrencyHelpers
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Changing the configuration of a running bot", .timeLimit(.minutes(10)))
struct ReloadScenarios {
    /// - Parameter mark: by which the server's process is known from those of other tests.
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

    /// - Parameter interval: between two looks at the files; by default none but the first, so that what is asked for is
    ///   the only reload.
    private func open(
        mark: String = "", interval: Duration = .seconds(3_600),
        _ body: @escaping @Sendable (World, SideDoor) async throws -> Void
    ) async throws {
        var plan = World.Plan()
        plan.mcps = "mcps:\n" + Self.server("ops", mark: mark)
        plan.environment["OMNI_ADMIN_TOKEN"] = SideDoor.token
        plan.reloadInterval = interval
        try await World.run(plan) { world in
            try await body(world, try SideDoor(world))
        }
    }

    private static func write(_ text: String, to name: String, _ world: World) throws {
        let file = world.folder.appending(path: "config/\(name)")
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    private static func names(_ world: World) -> [String] {
        world.bot.house.registry.statuses.map(\.name).sorted()
    }

    @Test("a file that is saved counts for the next question, without a restart")
    func onDisk() async throws {
        try await open(interval: .milliseconds(50)) { world, door in
            let path = "/mcp/tools/list?user_id=ben@acme.example"
            #expect(try await !door.get(path).body.text().contains("list_deploys"))
            try Self.write(
                World.users.replacing("role: read_only, slack", with: "role: dba, slack"), to: "users.yaml", world)
            try await world.until("the new role counts") {
                try await door.get(path).body.text().contains("list_deploys")
            }
            let config = try await door.get("/admin/config").body
            #expect(config["generation"]?.int == 2)
            try await world.until("the reload is in the record") {
                try await world.record.adminEvents().first?.action == "config.reloaded"
            }
            #expect(try await world.record.adminEvents().first?.actor == "file")
        }
    }

    @Test("a server that comes or goes leaves the others as they are")
    func servers() async throws {
        let mark = "\(ULID())"
        try await open(mark: mark) { world, door in
            let ops = "mcps:\n" + Self.server("ops", mark: mark)
            let child = try #require(Self.processes(mark).first)
            try Self.write(ops + "\n" + Self.server("more"), to: "mcps.yaml", world)
            let added = try await door.post("/admin/reload", "").body
            #expect(added["mcps"]?["added"]?[0] == "more")
            try await world.until("the new server's tools are known") {
                world.bot.house.registry.catalogue.tools.contains { $0.name.server == "more" }
            }
            #expect(Self.names(world) == ["more", "ops"])
            try Self.write(ops, to: "mcps.yaml", world)
            let removed = try await door.post("/admin/reload", "").body
            #expect(removed["mcps"]?["removed"]?[0] == "more")
            try await world.until("the server is gone") { Self.names(world) == ["ops"] }
            #expect(!world.bot.house.registry.catalogue.tools.contains { $0.name.server == "more" })
            #expect(Self.processes(mark) == [child], "the one that stayed was not started anew")
        }
    }

    @Test("a file with an error changes nothing, and says what and where; what needs a restart is named")
    func errors() async throws {
        try await open { world, door in
            try Self.write("users: [{email: 7, rol: x}]\n", to: "users.yaml", world)
            let refused = try await door.post("/admin/reload", "")
            #expect(refused.status == 422)
            #expect(refused.body["status"] == "rejected")
            #expect(refused.body["problems"]?.text().contains("users.yaml:1") == true)
            #expect(try await door.get("/mcp/tools/list?user_id=ana@acme.example").body.text().contains("list_deploys"))
            let config = try await door.get("/admin/config").body
            #expect(config["generation"]?.int == 1)
            #expect(config["last_reload"]?["status"] == "rejected")

            try Self.write(World.users, to: "users.yaml", world)
            let settings = "llm: {provider: offline}\napp: {port: 1}\nquestion: {deadline_seconds: 77}\n"
            try Self.write(settings, to: "settings.yaml", world)
            let applied = try await door.post("/admin/reload", "")
            #expect(applied.status == 200)
            #expect(applied.body["needs_restart"]?.text() == #"["settings.yaml app.port"]"#)
            #expect(applied.body["changed"]?.text() == #"["settings.yaml question.deadline_seconds"]"#)
            #expect(try await door.get("/admin/config").body["question"]?["deadline_seconds"]?.double == 77)
            let again = try await door.post("/admin/reload", "").body
            #expect(again["status"] == "unchanged")
            #expect(again["needs_restart"]?[0] == "settings.yaml app.port", "it is said until the restart")
        }
    }

    @Test("omni reload asks the running bot, and says when there is none")
    func command() async throws {
        try await open { world, door in
            let arguments = ["reload", "--config", world.folder.appending(path: "config").path(), "--url"]
            let token = ["OMNI_ADMIN_TOKEN": SideDoor.token]
            let same = try await Program.run(arguments + [door.base], environment: token)
            #expect(same.status == 0)
            #expect(same.output.contains("unchanged"))
            try Self.write("users: 7\n", to: "users.yaml", world)
            let broken = try await Program.run(arguments + [door.base], environment: token)
            #expect(broken.status == 1)
            #expect(broken.output.contains("users.yaml:1"))
            let wrong = try await Program.run(arguments + [door.base], environment: ["OMNI_ADMIN_TOKEN": "x"])
            #expect(wrong.status == 1)
            #expect(wrong.errors.contains("did not reload"))
            let dead = try await Program.run(arguments + ["http://127.0.0.1:1"], environment: token)
            #expect(dead.status == 1)
            #expect(dead.errors.contains("is `omni run` up?"))
            let none = try await Program.run(arguments + [door.base])
            #expect(none.errors.contains("OMNI_ADMIN_TOKEN is not set"))
        }
    }

    @Test("who loses a server while their question runs calls nothing more there, not even in that question")
    func rightTaken() async throws {
        try await ModelDouble.run { model in
            var plan = model.plan
            plan.environment["OMNI_ADMIN_TOKEN"] = SideDoor.token
            plan.reloadInterval = .seconds(3_600)
            try await World.run(plan) { world in
                let door = try SideDoor(world)
                let users = World.users.replacing(
                    "slack_user_id: U0ANA, allowed_mcps: \"*\"", with: "slack_user_id: U0ANA, allowed_mcps: []")
                let desk = TwoSteps {
                    try Self.write(users, to: "users.yaml", world)
                    #expect(try await door.post("/admin/reload", "").body["status"] == "applied")
                }
                world.bot.house.registry.add(desk, displayName: "Desk")
                try await world.until("its tools are known") {
                    world.bot.house.registry.catalogue.tools.count { $0.name.server == "desk" } == 2
                }
                try await model.script(
                    ["calls": [["name": "desk__begin", "input": [:]]]],
                    ["calls": [["name": "desk__finish", "input": [:]]]], ["text": "It was begun only."], in: world)
                let root = try world.emulator.say(as: "ana", in: "#ops", "@omni begin, then finish")
                #expect(try await world.answer(in: "#ops", root).contains("begun only"))
                #expect(desk.calls == ["begin"])
                let row = try #require(try await world.audit().first)
                let calls = try await world.record.toolCalls(of: try #require(row.questionID.flatMap { ULID($0) }))
                #expect(calls.map(\.decision) == [.allow, .deny])
            }
        }
    }

    /// The demo servers with that mark in their environment.
    private static func processes(_ mark: String) -> Set<Int32> {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return Set(
            all.compactMap(Int32.init).filter { pid in
                let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data()
                return environment.range(of: Data("TEST_MARK=\(mark)\0".utf8)) != nil
            })
    }
}

/// Tools of this process: `begin` does what it is given, `finish` would go on.
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

    func callTool(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        called.withLockedValue { $0.append(name) }
        if name == "begin" { try await act() }
        return .text("done")
    }
}
