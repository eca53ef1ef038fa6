/// The health of an MCP server, as the health report, `/omni-status` and the log show it.
package struct ServerStatus: Sendable, Hashable {
    /// The raw values are part of the HTTP API.
    package enum State: String, Sendable, Hashable { case starting, healthy, degraded, unhealthy, disabled }

    package let name: String
    package let displayName: String
    package var state: State
    /// The number of tools of the last successful listing.
    package var tools: Int
    /// The problem in one line without secrets; nil while healthy, starting or disabled.
    package var problem: String?
    /// The tools that no model is told of: unusable ones, and those that the model's provider refused.
    package var leftOut: [LeftOutTool] = []

    package init(name: String, displayName: String, state: State, tools: Int, problem: String? = nil) {
        self.name = name
        self.displayName = displayName
        self.state = state
        self.tools = tools
        self.problem = problem
    }
}
