/// Names and numbers of the Model Context Protocol that both sides use.
enum MCPProtocol {
    /// The revisions with an `initialize` handshake, oldest first.
    static let handshakeVersions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
    /// What is offered first; the server answers with this or an older one ("Version Negotiation").
    static let offered = "2025-11-25"

    enum Method {
        static let initialize = "initialize"
        static let initialized = "notifications/initialized"
        static let ping = "ping"
        static let listTools = "tools/list"
        static let callTool = "tools/call"
        static let cancelled = "notifications/cancelled"
        static let progress = "notifications/progress"
        static let logMessage = "notifications/message"
        static let toolsChanged = "notifications/tools/list_changed"
    }
}

/// Who a client or a server says it is; self-declared, so never an identity to trust.
package struct MCPImplementation: Sendable, Hashable {
    package let name: String
    package let version: String

    package init(name: String, version: String) {
        self.name = name
        self.version = version
    }

    var json: JSONValue { ["name": .string(name), "version": .string(version)] }
}

/// What a server said of itself in the handshake.
struct MCPServerInfo: Sendable, Hashable {
    let protocolVersion: String
    let implementation: MCPImplementation
    /// The server offers `tools/list` and `tools/call`.
    let hasTools: Bool
    /// It announces changes of its tools.
    let announcesToolChanges: Bool
    /// Guidance for the model, from the server: untrusted text.
    let instructions: String?

    /// Reads the result of `initialize`; nil without a protocol version that has a handshake.
    init?(_ result: JSONValue) {
        guard let version = result["protocolVersion"]?.string, MCPProtocol.handshakeVersions.contains(version) else {
            return nil
        }
        protocolVersion = version
        let info = result["serverInfo"]
        implementation = MCPImplementation(
            name: info?["name"]?.string ?? "", version: info?["version"]?.string ?? "")
        let tools = result["capabilities"]?["tools"]
        hasTools = tools?.object != nil
        announcesToolChanges = tools?["listChanged"]?.bool ?? false
        instructions = result["instructions"]?.string
    }
}
