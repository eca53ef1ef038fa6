/// A tool of this process with which the model asks the asker back: one of a few choices, for a question that could
/// mean several things. The question waits until the asker has chosen.
package struct AskBackTool: ToolSource {
    package let server = Policy.askBackServer
    private let timeout: Duration

    /// - Parameter timeout: how long the question waits for its asker.
    package init(timeout: Duration = .seconds(3600)) { self.timeout = timeout }

    package static let name = ToolName(server: Policy.askBackServer, tool: "choose")

    /// A choice is short enough for a button on a phone.
    private static let schema: JSONValue = [
        "type": "object",
        "properties": [
            "question": ["type": "string", "description": "One short sentence.", "minLength": 1, "maxLength": 300],
            "choices": [
                "type": "array", "description": "The possible meanings, a few words each.", "minItems": 2,
                "maxItems": 5,
                "items": ["type": "string", "minLength": 1, "maxLength": 60],
            ],
        ],
        "required": ["question", "choices"], "additionalProperties": false,
    ]

    package func listTools() async throws -> [ToolDefinition] {
        [
            ToolDefinition(
                name: Self.name, title: "Ask back",
                description: """
                    Asks the person who asked you to choose one of two to five meanings. Use it only when the question \
                    could mean several things, the answers would differ, and the tools cannot tell which is meant. \
                    Never use it to get permission. Call no other tool in the same turn.
                    """,
                inputSchema: Self.schema, annotations: ToolAnnotations(readOnly: true, openWorld: false))
        ]
    }

    package func call(_ call: ToolCall) async throws -> ToolResult {
        if let problem = JSONSchemaValidator.problem(of: call.arguments, against: Self.schema) {
            return .text("Invalid arguments: \(problem)", isError: true)
        }
        var choices: [String] = []
        for case .string(let choice) in call.arguments["choices"]?.array ?? [] where !choices.contains(choice) {
            choices.append(choice)
        }
        switch call.inputs.last {
        case .chosen(let text, _): return .text("The asker chose: \(text)")
        case .expired:
            return .text("The asker has not chosen in time. Answer for the likeliest meaning, and say which you took.")
        case .cancelled: return .text("The asker has cancelled the question.", isError: true)
        case nil:
            let message = call.arguments["question"]?.string ?? ""
            throw InputRequired(InputRequest(message: message, choices: choices, timeout: timeout))
        }
    }
}
