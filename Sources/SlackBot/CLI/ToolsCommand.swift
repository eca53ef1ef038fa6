import ArgumentParser
import Bridge

/// `omni tools`: lists the MCP servers and their tools. Exit code 1 when a server is unhealthy.
struct ToolsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tools", abstract: "Show what the MCP servers offer.")

    @Option(name: .customLong("mcp"), help: "Only this server.")
    var server: String?

    @Flag(help: "JSON, for programs.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let app = try await config.app()
        if let server, !app.live.current.servers.contains(where: { $0.name == server }) {
            throw CommandFailed("error: mcps.yaml names no server \"\(server)\"")
        }
        let catalogue = try await app.whileServing { app in
            _ = await app.registry.settled(within: .seconds(30))
            return app.registry.catalogue
        }
        let servers = catalogue.servers.filter { server == nil || $0.name == server }
        if json {
            Terminal.out(JSONValue.array(servers.map { entry($0, catalogue) }).text())
        } else if servers.isEmpty {
            Terminal.out("No MCP server is configured. Add one to mcps.yaml.")
        } else {
            for server in servers { show(server, catalogue) }
        }
        if servers.contains(where: { $0.state == .unhealthy }) { throw ExitCode(1) }
    }

    private func tools(_ server: ServerStatus, _ catalogue: Catalogue) -> [ToolDefinition] {
        catalogue.tools.filter { $0.name.server == server.name }
    }

    private func show(_ server: ServerStatus, _ catalogue: Catalogue) {
        let problem = server.problem.map { ": \($0)" } ?? ""
        Terminal.out("\(server.name) \(server.state.rawValue), \(server.tools) tools\(problem)")
        for tool in tools(server, catalogue) {
            let line = tool.description.split(separator: "\n").first.map { String($0.prefix(100)) } ?? ""
            Terminal.out("  \(tool.name.tool)\(mark(tool)): \(line)")
            for loss in tool.modelSchema.losses { Terminal.out("    not told to the model: \(loss)") }
        }
        for tool in server.leftOut { Terminal.out("  \(tool.name) [left out]: \(tool.reason)") }
    }

    private func mark(_ tool: ToolDefinition) -> String {
        if tool.annotations.destructive == true { return " [destructive]" }
        return tool.annotations.readOnly == true ? " [read-only]" : ""
    }

    private func entry(_ server: ServerStatus, _ catalogue: Catalogue) -> JSONValue {
        let tools = tools(server, catalogue).map { tool -> JSONValue in
            [
                "name": .string(tool.name.tool), "description": .string(tool.description),
                "input_schema": tool.inputSchema,
                "read_only": tool.annotations.readOnly.map { .bool($0) } ?? .null,
                "destructive": tool.annotations.destructive.map { .bool($0) } ?? .null,
                "not_told": .array(tool.modelSchema.losses.map { .string($0) }),
            ]
        }
        let leftOut = server.leftOut.map { tool -> JSONValue in
            ["name": .string(tool.name), "reason": .string(tool.reason)]
        }
        return [
            "name": .string(server.name), "status": .string(server.state.rawValue),
            "problem": server.problem.map { .string($0) } ?? .null, "tools": .array(tools),
            "left_out": .array(leftOut),
        ]
    }
}
