import Bridge
import OrderedCollections

/// A tool of the shop: its definition and its implementation.
struct DemoTool: Sendable {
    /// What a call does to the data; the tool's MCP annotations are derived from it.
    enum Effect: Sendable {
        /// Reads only; runs in a read transaction.
        case reads
        /// Changes data. `again`: whether a second equal call has no further effect (MCP's `idempotentHint`).
        case destroys(again: Bool)
    }

    let name: String
    let title: String
    let description: String
    let parameters: [Parameter]
    let effect: Effect
    let run: @Sendable (ToolContext) throws -> ToolAnswer

    init(
        _ name: String, _ title: String, _ description: String, _ parameters: [Parameter] = [],
        effect: Effect = .reads, run: @escaping @Sendable (ToolContext) throws -> ToolAnswer
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.parameters = parameters
        self.effect = effect
        self.run = run
    }

    func definition(server: String) -> ToolDefinition {
        let annotations =
            switch effect {
            case .reads: ToolAnnotations(readOnly: true, destructive: false, idempotent: true, openWorld: false)
            case .destroys(let again):
                ToolAnnotations(readOnly: false, destructive: true, idempotent: again, openWorld: false)
            }
        let required = parameters.filter(\.isRequired).map { JSONValue.string($0.name) }
        var schema: JSONObject = [
            "type": "object",
            "properties": .object(
                JSONObject(parameters.map { ($0.name, $0.schema) }, uniquingKeysWith: { $1 })),
            "additionalProperties": false,
        ]
        if !required.isEmpty { schema["required"] = .array(required) }
        return ToolDefinition(
            name: ToolName(server: server, tool: name), title: title, description: description,
            inputSchema: .object(schema), annotations: annotations)
    }
}
