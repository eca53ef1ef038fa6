/// Keeps a tool's result within what a model should read at once, and says what was cut.
enum ResultTrim {
    /// At most about `limit` characters of text, cut at the end of a line where one is near.
    static func trim(_ result: ToolResult, to limit: Int) -> ToolResult {
        var left = limit
        var trimmed = result
        trimmed.content = result.content.compactMap { content in
            guard case .text(let text) = content else { return content }
            guard left > 0 else { return nil }
            let count = text.count
            guard count > left else {
                left -= count
                return content
            }
            defer { left = 0 }
            return .text(cut(text, count: count, to: left))
        }
        if trimmed.content.isEmpty, let structured = result.structured {
            let text = structured.text()
            let count = text.count
            trimmed.content = [.text(count > limit ? cut(text, count: count, to: limit) : text)]
        }
        return trimmed
    }

    private static func cut(_ text: String, count: Int, to limit: Int) -> String {
        var head = text.prefix(limit)
        if let line = head.lastIndex(of: "\n"), head.distance(from: line, to: head.endIndex) < limit / 4 {
            head = head[..<line]
        }
        return "\(head)\n[cut: \(head.count) of \(count) characters shown; narrow the call with a filter, a limit or a page]"
    }
}
