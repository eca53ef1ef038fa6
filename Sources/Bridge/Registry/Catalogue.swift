/// The offered tools and the status of all servers at one moment. A question uses one catalogue until its end.
package struct Catalogue: Sendable {
    /// Sorted by name, so that equal catalogues lead to equal prompts (prompt caches compare prefixes).
    package let tools: [ToolDefinition]
    private let byName: [ToolName: Int]
    /// In the order in which they were passed.
    package let servers: [ServerStatus]
    /// The names of these tools in requests to a model.
    package let wireNames: WireNames
    private let refused: Set<ToolName>

    package init(tools: [ToolDefinition], servers: [ServerStatus]) {
        self.tools = tools.sorted { $0.name < $1.name }
        byName = Dictionary(
            self.tools.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.servers = servers
        wireNames = WireNames(self.tools.map(\.name))
        refused = Set(
            servers.flatMap { server in
                server.leftOut.filter(\.isRefused).map { ToolName(server: server.name, tool: $0.name) }
            })
    }

    /// A catalogue without tools and servers.
    package static let empty = Catalogue(tools: [], servers: [])

    /// Whether a model is told of that tool.
    package func isTold(_ name: ToolName) -> Bool { !refused.contains(name) }

    /// Whether there is certainly no such tool: no such server, or one whose tools are known. False while the server is
    /// starting, unhealthy or disabled.
    package func lacks(_ name: ToolName) -> Bool {
        switch servers.first(where: { $0.name == name.server })?.state {
        case nil: true
        case .healthy, .degraded: self[name] == nil
        case .starting, .unhealthy, .disabled: false
        }
    }

    /// The definition of that tool; nil when it is not offered.
    package subscript(_ name: ToolName) -> ToolDefinition? { byName[name].map { tools[$0] } }
}
