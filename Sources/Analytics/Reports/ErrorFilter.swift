import Bridge

/// The parameters `mcp_name` and `tool_name` of the error summary: without them questions are counted, with them calls.
struct ErrorFilter: Sendable, CustomStringConvertible {
    let server: String?
    let tool: String?

    init(_ arguments: CheckedArguments) {
        server = arguments.text("mcp_name")
        tool = arguments.text("tool_name")
    }

    var isEmpty: Bool { server == nil && tool == nil }

    var description: String { [server, tool].compactMap { $0 }.joined(separator: ".") }

    /// What is counted.
    func usage(_ days: ClosedRange<String>) -> RollupSelection {
        if isEmpty { return RollupSelection(.total, days) }
        return tool == nil ? RollupSelection(.server, days, name: server) : tools(days)
    }

    /// The tools that fit.
    func tools(_ days: ClosedRange<String>) -> RollupSelection {
        RollupSelection(.tool, days, name: server, tool: tool)
    }

    /// The rows of `error_rollups`.
    func messages(_ days: ClosedRange<String>) -> RollupSelection {
        RollupSelection(named: isEmpty ? "question" : "tool", days, name: server, tool: tool)
    }

    func total(_ figures: UsageFigures) -> Int64 { isEmpty ? figures.questions : figures.calls }

    func errors(_ figures: UsageFigures) -> Int64 { isEmpty ? figures.errors : figures.failedCalls }

    /// Members of structured content.
    var extras: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("counted", .string(isEmpty ? "questions" : "calls"))]
        if let server { members.append(("mcp_name", .string(server))) }
        if let tool { members.append(("tool_name", .string(tool))) }
        return members
    }
}
