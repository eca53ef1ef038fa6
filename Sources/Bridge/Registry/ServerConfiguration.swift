/// The configuration of one MCP server: a decoded entry of mcps.yaml.
package struct ServerConfiguration: Sendable, Hashable {
    /// How the server is reached.
    package enum Transport: Sendable, Hashable {
        /// Streamable HTTP at exactly this URL.
        case http(url: String)
        /// The HTTP+SSE transport of MCP 2024-11-05.
        case sse(url: String)
        /// A child process. `directory` nil: the working directory of this process; `environment` is added to the few
        /// variables that a child inherits.
        case stdio(command: String, arguments: [String], directory: String?, environment: [String: String])
    }

    /// The key of the entry, unique; the server's part of tool names.
    package let name: String
    /// The name for users.
    package var displayName: String
    package var description: String
    /// A server that is not enabled is listed as disabled and not connected.
    package var isEnabled: Bool
    package var transport: Transport
    /// Headers that carry the entry's authentication: bearer, basic or an API key.
    package var credentials: [CredentialHeader]
    /// The time limit of a call, restarted by progress notifications.
    package var callTimeout: Duration
    /// The time limit for the start of a child process and the handshake, and of HTTP connections.
    package var connectTimeout: Duration
    /// The time between two pings.
    package var healthInterval: Duration
    /// The time between two listings of the tools, besides those after a change.
    package var discoveryInterval: Duration
    /// Labels of the entry.
    package var tags: [String]

    /// One HTTP header with a secret value.
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
