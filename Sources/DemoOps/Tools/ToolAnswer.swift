import Bridge
import OrderedCollections

/// What a tool says: text for people and models, and the same as data.
struct ToolAnswer: Sendable {
    var text: String
    var data: JSONObject

    init(_ text: String, _ data: JSONObject = [:]) {
        self.text = text
        self.data = data
    }

    var result: ToolResult { ToolResult(content: [.text(text)], structured: .object(data)) }
}
