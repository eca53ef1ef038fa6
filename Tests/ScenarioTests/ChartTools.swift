import Bridge
import Foundation

/// An MCP server whose only tool returns images for the user, and a text for the model.
struct ChartTools: MCPToolHandler {
    var images = 1

    /// The content of an image: the first bytes of a PNG, and its number.
    static func png(_ number: Int) -> [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Array("chart \(number)".utf8)
    }

    static func altText(_ number: Int) -> String { "Bars of chart \(number)" }

    func tools() async throws -> [ToolDefinition] {
        [
            ToolDefinition(
                name: ToolName(server: "charts", tool: "draw"), description: "Draws the costs.",
                inputSchema: ["type": "object"], annotations: ToolAnnotations(readOnly: true))
        ]
    }

    func call(_ name: String, arguments: JSONValue) async throws -> ToolResult {
        var result = ToolResult.text("The costs are drawn.")
        for number in 1...images {
            result.showUser(
                image: Data(Self.png(number)).base64EncodedString(), mimeType: "image/png",
                altText: Self.altText(number))
        }
        return result
    }
}
