package import Logging
import NIOConcurrencyHelpers

/// One MCP server as a source of tools: connects, keeps the connection or makes a new one, and closes it.
///
/// Speaks the revisions with a handshake (2024-11-05 to 2025-11-25). The stateless revision 2026-07-28 would be a
/// sibling of ``MCPSession`` and be chosen here, before a connection is made.
package final class MCPClient: ToolSource {
    /// What happened to the connection, for whoever keeps the catalogue.
    package enum Change: Sendable, Hashable {
        /// The session is ready: tools can be listed and called.
        case connected
        /// The server says that its tools changed.
        case toolsChanged
        /// No connection now; one line of why. Another attempt follows.
        case disconnected(String)
    }

    package var server: String { configuration.name }
    /// What happens, in order, for one reader; of many unread changes the oldest are dropped.
    package let changes: AsyncStream<Change>

    let configuration: ServerConfiguration
    let redaction: Redaction
    let logger: Logger
    private let identity: MCPImplementation
    private let http: HTTPClient
    private let initialBackoff: Backoff
    private let announce: AsyncStream<Change>.Continuation
    private let current = NIOLockedValueBox<Current>(.none("it has not been connected yet"))

    private enum Current: Sendable {
        case none(String)
        case ready(MCPConnection)
    }

    /// - Parameters:
    ///   - identity: how this program introduces itself to the server.
    ///   - http: used by servers that are reached over HTTP; must run as long as this does.
    package convenience init(
        _ configuration: ServerConfiguration, identity: MCPImplementation, http: HTTPClient, logger: Logger
    ) {
        self.init(configuration, identity: identity, http: http, backoff: Backoff(), logger: logger)
    }

    init(
        _ configuration: ServerConfiguration, identity: MCPImplementation, http: HTTPClient, backoff: Backoff,
        logger: Logger
    ) {
        self.configuration = configuration
        self.identity = identity
        self.http = http
        initialBackoff = backoff
        redaction = Redaction(configuration)
        var logger = logger
        logger[metadataKey: "server"] = "\(configuration.name)"
        self.logger = logger
        (changes, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    /// Keeps the server connected until the task is cancelled, then closes in order. Call it once.
    package func run() async {
        var backoff = initialBackoff
        let clock = ContinuousClock()
        while !Task.isCancelled {
            let start = clock.now
            let problem = await connectOnce() ?? "the connection was closed"
            guard !Task.isCancelled else { break }
            // What held for a while was a good connection: the next one is tried soon.
            if clock.now - start > backoff.most { backoff.reset() }
            current.withLockedValue { $0 = .none(problem) }
            let pause = backoff.next()
            logger.warning(
                "An MCP server is not connected; trying again.",
                metadata: ["problem": "\(problem)", "attempt": "\(backoff.attempts)", "pause": "\(pause)"])
            announce.yield(.disconnected(problem))
            try? await Task.sleep(for: pause)
        }
        current.withLockedValue { $0 = .none("it is being stopped") }
        announce.finish()
    }

    /// One connection from its making to its end; why it ended.
    private func connectOnce() async -> String? {
        let connection = MCPConnection(
            client: identity, transport: transport(),
            toolsChanged: { [announce] in announce.yield(.toolsChanged) }, redaction: redaction, logger: logger)
        return await withTaskGroup(of: String?.self) { group in
            group.addTask { await connection.run() }
            var failure: String?
            do {
                let info = try await connection.handshake(within: configuration.connectTimeout)
                logger.info(
                    "An MCP server is connected.",
                    metadata: [
                        "protocol": "\(info.protocolVersion)",
                        "implementation": "\(redaction.line(info.implementation.name, limit: 80))",
                    ])
                current.withLockedValue { $0 = .ready(connection) }
                announce.yield(.connected)
            } catch {
                failure = (error as? MCPFailure).map { redaction.line($0.explanation) }
                connection.close()
            }
            let problem = await group.next() ?? nil
            return problem ?? failure
        }
    }

    private func transport() -> any MCPTransport {
        switch configuration.transport {
        case .stdio(let command, let arguments, let directory, let environment):
            StdioTransport(
                command: command, arguments: arguments, directory: directory, environment: environment,
                redaction: redaction, logger: logger)
        case .http(let url), .sse(let url):
            StreamableHTTPTransport(
                url: url, credentials: configuration.credentials, http: http,
                connectTimeout: configuration.connectTimeout, logger: logger)
        }
    }

    /// Whether a session is ready now.
    package var isConnected: Bool { (try? connection()) != nil }

    /// The connection that is ready now. Throws ``MCPFailure``.
    func connection() throws(MCPFailure) -> MCPConnection {
        switch current.withLockedValue({ $0 }) {
        case .ready(let connection): return connection
        case .none(let problem): throw .notConnected("it is not connected: \(problem)")
        }
    }
}
