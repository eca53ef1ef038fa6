/// The credentials of one server, asked for every HTTP request to it. A server that is a child process has its own in
/// its environment (MCP, "Authorization").
protocol MCPCredentials: Sendable {
    typealias Header = ServerConfiguration.CredentialHeader

    /// The headers that authenticate a request to `url`. Called by many tasks at once; limits its own time.
    ///
    /// - Parameter challenge: the server's answer to the headers of the call before. The request is made once more
    ///   if other headers are returned now.
    /// - Throws: ``MCPFailure``, with which the request fails.
    func headers(for url: String, after challenge: MCPChallenge?) async throws(MCPFailure) -> [Header]
}

/// The answer 401 of a server to a request.
struct MCPChallenge: Sendable, Hashable {
    /// The headers that it refused.
    let refused: [ServerConfiguration.CredentialHeader]
    /// The header `WWW-Authenticate`, untrusted text that says how a client may authenticate itself (RFC 9110).
    let wwwAuthenticate: String?
}

/// The headers of the configuration, which are the same for every request.
struct FixedCredentials: MCPCredentials {
    let headers: [Header]

    func headers(for url: String, after challenge: MCPChallenge?) -> [Header] { headers }
}
