/// Versions and method names of the Model Context Protocol, for client and server.
enum MCPProtocol {
    /// The revisions with an `initialize` handshake, oldest first.
    static let handshakeVersions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
    /// The version that the client requests, and that the server returns for one it does not support ("Version
    /// Negotiation").
    static let offered = "2025-11-25"

    /// Methods of requests and notifications.
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

/// The name and version that a client or a server states of itself (`clientInfo`, `serverInfo`). Not authenticated.
package struct MCPImplementation: Sendable, Hashable {
    package let name: String
    package let version: String

    package init(name: String, version: String) {
        self.name = name
        self.version = version
    }

    var json: JSONValue { ["name": .string(name), "version": .string(version)] }
}

/// The server's part of the handshake.
struct MCPServerInfo: Sendable, Hashable {
    let protocolVersion: String
    let implementation: MCPImplementation
    /// Whether the server offers `tools/list` and `tools/call`.
    let hasTools: Bool
    /// Whether the server sends a notification when its tools change.
    let announcesToolChanges: Bool
    /// The server's instructions for the model: untrusted text.
    let instructions: String?

    /// Reads the result of `initialize`; nil when its protocol version is not one of ``MCPProtocol/handshakeVersions``.
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
