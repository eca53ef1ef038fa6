/// How an MCP server feels, as health, `/omni-status` and the log say it.
package struct ServerStatus: Sendable, Hashable {
    package enum State: String, Sendable, Hashable { case starting, healthy, degraded, unhealthy, disabled }

    package let name: String
    package let displayName: String
    package var state: State
    package var tools: Int
    /// What is wrong, in one line without secrets; nil while healthy.
    package var problem: String?

    package init(name: String, displayName: String, state: State, tools: Int, problem: String? = nil) {
        self.name = name
        self.displayName = displayName
        self.state = state
        self.tools = tools
        self.problem = problem
    }
}
