/// How one MCP server is reached: an entry of mcps.yaml, decoded.
package struct ServerConfiguration: Sendable, Hashable {
    package enum Transport: Sendable, Hashable {
        /// Streamable HTTP at exactly this URL.
        case http(url: String)
        /// The HTTP+SSE transport of 2024-11-05.
        case sse(url: String)
        case stdio(command: String, arguments: [String], directory: String?, environment: [String: String])
    }

    package let name: String
    package var displayName: String
    package var description: String
    package var isEnabled: Bool
    package var transport: Transport
    /// Headers that carry the entry's authentication: bearer, basic or an API key.
    package var credentials: [CredentialHeader]
    /// A call's own time limit.
    package var callTimeout: Duration
    /// Start of a child or first answer of a server.
    package var connectTimeout: Duration
    package var healthInterval: Duration
    package var discoveryInterval: Duration
    package var tags: [String]

    package struct CredentialHeader: Sendable, Hashable {
        package let name: String
        package let value: Secret

        package init(name: String, value: Secret) {
            self.name = name
            self.value = value
        }
    }

    package init(
        name: String, displayName: String? = nil, description: String = "", isEnabled: Bool = true,
        transport: Transport, credentials: [CredentialHeader] = [], callTimeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(15), healthInterval: Duration = .seconds(60),
        discoveryInterval: Duration = .seconds(300), tags: [String] = []
    ) {
        self.name = name
        self.displayName = displayName ?? name
        self.description = description
        self.isEnabled = isEnabled
        self.transport = transport
        self.credentials = credentials
        self.callTimeout = callTimeout
        self.connectTimeout = connectTimeout
        self.healthInterval = healthInterval
        self.discoveryInterval = discoveryInterval
        self.tags = tags
    }
}
