package import Logging
import NIOConcurrencyHelpers

/// Client of one MCP server, as a source of tools: connects, reconnects after a loss, and closes the connection.
///
/// Supports the revisions with a handshake (2024-11-05 to 2025-11-25), not the stateless revision 2026-07-28.
package final class MCPClient: ToolSource {
    /// A change of the connection or of the tools, for the tool registry.
    package enum Change: Sendable, Hashable {
        /// The session is ready: tools can be listed and called.
        case connected
        /// The server has reported that its tools changed, or has a new session.
        case toolsChanged
        /// The connection could not be opened or was lost, with the reason in one line. Another attempt follows.
        case disconnected(String)
    }

    /// The server's name in the configuration.
    package var server: String { configuration.name }
    /// The changes in order, for one reader; when 64 are unread the oldest are dropped. Ends with ``run()``.
    package let changes: AsyncStream<Change>

    let configuration: ServerConfiguration
    let redaction: Redaction
    let logger: Logger
    private let identity: MCPImplementation
    private let http: MCPHTTPClient
    private let initialBackoff: Backoff
    private let announce: AsyncStream<Change>.Continuation
    let leftOut = NIOLockedValueBox<[LeftOutTool]>([])
    private let current = NIOLockedValueBox<Current>(.none("it has not been connected yet"))

    /// The ready connection, or why there is none.
    private enum Current: Sendable {
        case none(String)
        case ready(MCPConnection)
    }

    /// - Parameters:
    ///   - identity: sent to the server as `clientInfo`.
    ///   - http: used for a server with a URL; must not be shut down before ``run()`` has returned.
    package convenience init(
        _ configuration: ServerConfiguration, identity: MCPImplementation, http: HTTPClient, logger: Logger
    ) {
        self.init(configuration, identity: identity, http: http, backoff: Backoff(), logger: logger)
    }

    /// - Parameter credentials: nil for those of the configuration.
    init(
        _ configuration: ServerConfiguration, identity: MCPImplementation, http: HTTPClient, backoff: Backoff,
        credentials: (any MCPCredentials)? = nil, logger: Logger
    ) {
        self.configuration = configuration
        self.identity = identity
        let credentials = credentials ?? FixedCredentials(headers: configuration.credentials)
        self.http = MCPHTTPClient(http: http, credentials: credentials)
        initialBackoff = backoff
        redaction = Redaction(configuration)
        var logger = logger
        logger[metadataKey: "server"] = "\(configuration.name)"
        self.logger = logger
        (changes, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    /// Keeps the server connected until the task is cancelled, then closes the connection. Call it once.
    package func run() async {
        var backoff = initialBackoff
        let clock = ContinuousClock()
        while !Task.isCancelled {
            let start = clock.now
            let problem = await connectOnce() ?? "the connection was closed"
            guard !Task.isCancelled else { break }
            // After a connection that lasted longer than the longest wait, the waits start again at the shortest.
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

    /// Opens one connection and returns when it has ended, with the reason; nil when it was closed.
    ///
    /// A server that refuses `initialize` over streamable HTTP as servers with the older HTTP+SSE transport do is asked
    /// over that one (MCP, "Backwards Compatibility"). If it has that neither, the first reason is returned.
    private func connectOnce() async -> String? {
        switch configuration.transport {
        case .stdio(let command, let arguments, let directory, let environment):
            return await connect(
                over: StdioTransport(
                    command: command, arguments: arguments, directory: directory, environment: environment,
                    redaction: redaction, logger: logger)
            ).problem
        case .sse(let url):
            return await connect(over: sse(url, endpointTimeout: configuration.connectTimeout)).problem
        case .http(let url):
            let transport = StreamableHTTPTransport(
                url: url, http: http, connectTimeout: configuration.connectTimeout, logger: logger)
            let (problem, mayBeOlder) = await connect(over: transport, renewsSessions: true)
            guard mayBeOlder, !Task.isCancelled else { return problem }
            // Such a server names its endpoint at once. Other servers may keep an event stream open in silence.
            let older = sse(url, endpointTimeout: min(configuration.connectTimeout, .seconds(5)))
            let olderProblem = await connect(over: older).problem
            return older.hasEndpoint ? olderProblem : problem
        }
    }

    private func sse(_ url: String, endpointTimeout: Duration) -> SSETransport {
        SSETransport(
            url: url, http: http, connectTimeout: configuration.connectTimeout, endpointTimeout: endpointTimeout,
            logger: logger)
    }

    /// Opens one connection over `transport` and returns when it has ended, with the reason, nil when it was closed,
    /// and whether the server may have the older HTTP+SSE transport.
    private func connect(
        over transport: any MCPTransport, renewsSessions: Bool = false
    ) async -> (problem: String?, mayBeOlder: Bool) {
        let connection = MCPConnection(
            HandshakeDialect(client: identity, renewsSessions: renewsSessions), over: transport,
            toolsChanged: { [announce] in announce.yield(.toolsChanged) }, redaction: redaction, logger: logger)
        let problem = await withTaskGroup(of: String?.self) { group in
            group.addTask { await connection.run() }
            var failure: String?
            do {
                let info = try await connection.start(within: configuration.connectTimeout)
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
        return (problem, connection.mayBeOlder)
    }

    package var leftOutTools: [LeftOutTool] { leftOut.withLockedValue { $0 } }

    /// Whether a session is ready.
    package var isConnected: Bool { (try? connection()) != nil }

    /// The ready connection. Throws ``MCPFailure/notConnected(_:)`` when there is none.
    func connection() throws(MCPFailure) -> MCPConnection {
        switch current.withLockedValue({ $0 }) {
        case .ready(let connection): return connection
        case .none(let problem): throw .notConnected("it is not connected: \(problem)")
        }
    }
}
