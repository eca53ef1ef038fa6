import Bridge
import OrderedCollections

/// A tool's answer: Markdown text, and the same as structured content.
struct ToolAnswer: Sendable {
    var text: String
    var data: JSONObject

    init(_ text: String, _ data: JSONObject = [:]) {
        self.text = text
        self.data = data
    }

    var result: ToolResult { ToolResult(content: [.text(text)], structured: .object(data)) }
}
