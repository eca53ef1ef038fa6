/// Marks what a tool said as data: whatever it reads like, it is nobody's instruction.
package enum Fence {
    /// The text between two lines that name its source; lines in the text that look like the end are broken.
    package static func wrap(_ text: String, from tool: ToolName) -> String {
        let end = "</untrusted_tool_output>"
        let harmless = text.replacing(end, with: "</untrusted_tool_output\u{200B}>")
        return "<untrusted_tool_output tool=\"\(tool)\">\n\(harmless)\n\(end)"
    }
}
