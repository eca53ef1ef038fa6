package import Bridge
package import Foundation
import GRDB

/// An MCP server's tools over the operations data of an invented shop, in a generated SQLite database in memory: tools
/// that query it, and three that change it.
///
/// The same seed and time generate the same data. The shop's clock is fixed at `now`.
package struct DemoOps: MCPToolHandler {
    /// The server's name in the demo's configuration.
    package static let name = "ops"

    private static let all =
        ServiceTools.all + DeployTools.all + IncidentTools.all + QueryTools.all + DatabaseTools.all + SessionTools.all
        + ActionTools.all

    private let database: DatabaseQueue
    private let now: Date

    /// Generates the data, about 15,000 rows.
    ///
    /// - Throws: when SQLite cannot create the database.
    package init(seed: UInt64 = 1, now: Date = Date()) throws {
        database = try Shop.make(seed: seed, now: now)
        self.now = now
    }

    /// The definitions of all tools; the same at every call.
    package func tools() async throws -> [ToolDefinition] {
        Self.all.map { $0.definition(server: Self.name) }
    }

    /// Calls a tool. An unknown tool, and arguments that the tool rejects, are results with `isError`; throws SQLite's
    /// errors.
    package func call(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        guard let tool = Self.all.first(where: { $0.name == name }) else {
            return .text("There is no tool \"\(name.prefix(80))\".", isError: true)
        }
        let now = Int(now.timeIntervalSince1970)
        do {
            let answer =
                switch tool.effect {
                case .reads:
                    try await database.read { try tool.run(ToolContext(db: $0, now: now, arguments: arguments)) }
                case .destroys:
                    try await database.write { try tool.run(ToolContext(db: $0, now: now, arguments: arguments)) }
                }
            return answer.result
        } catch let problem as CallProblem {
            return .text(problem.description, isError: true)
        }
    }
}
