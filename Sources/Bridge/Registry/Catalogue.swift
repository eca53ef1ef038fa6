/// All tools of all servers at one moment: a value that a question keeps for its whole life.
package struct Catalogue: Sendable {
    /// Sorted by name, so that equal catalogues make equal prompts (caches compare prefixes).
    package let tools: [ToolDefinition]
    private let byName: [ToolName: Int]
    package let servers: [ServerStatus]
    /// The names under which models know these tools.
    package let wireNames: WireNames

    package init(tools: [ToolDefinition], servers: [ServerStatus]) {
        self.tools = tools.sorted { $0.name < $1.name }
        byName = Dictionary(
            self.tools.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.servers = servers
        wireNames = WireNames(self.tools.map(\.name))
    }

    package static let empty = Catalogue(tools: [], servers: [])

    package subscript(_ name: ToolName) -> ToolDefinition? { byName[name].map { tools[$0] } }
}
