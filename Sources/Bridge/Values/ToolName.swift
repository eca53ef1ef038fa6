/// The qualified name of a tool of an MCP server.
///
/// Written `server.tool` in logs, the store and messages to users. A model receives `server__tool` (see ``WireNames``),
/// because tool names may contain `[a-zA-Z0-9_-]{1,64}` only (Anthropic, "Define tools").
package struct ToolName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The server's name in mcps.yaml, or that of a source in this process.
    package let server: String
    /// The bare name, as the server lists it.
    package let tool: String

    package init(server: String, tool: String) {
        self.server = server
        self.tool = tool
    }

    /// `server.tool`.
    package var description: String { "\(server).\(tool)" }

    package static func < (left: ToolName, right: ToolName) -> Bool {
        (left.server, left.tool) < (right.server, right.tool)
    }
}
