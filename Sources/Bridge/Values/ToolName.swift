/// A tool of an MCP server.
///
/// Written `server.tool` in logs, the record and to people; `server__tool` towards the model, whose names allow
/// `[a-zA-Z0-9_-]{1,64}` only (Anthropic, "Define tools").
package struct ToolName: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let server: String
    package let tool: String

    package init(server: String, tool: String) {
        self.server = server
        self.tool = tool
    }

    /// `server.tool`, as people and the record read it.
    package var description: String { "\(server).\(tool)" }

    package static func < (left: ToolName, right: ToolName) -> Bool {
        (left.server, left.tool) < (right.server, right.tool)
    }
}
