import Logging
import NIOConcurrencyHelpers

/// Transport to a server at one URL: every message is a POST, its response JSON or an event stream (MCP, "Streamable
/// HTTP").
///
/// There is no connection that could be lost: while the server is unavailable each request fails. When the server
/// responds that the session is unknown (``SessionLoss``), one request opens a new session for all, and they are sent
/// again, since the server has not handled them.
struct StreamableHTTPTransport: MCPTransport {
    /// Session id and protocol version from the handshake; both nil before it, the id nil for a server without
    /// sessions.
    struct Session: Sendable, Hashable {
        var id: String?
        var version: String?
        /// Counts the sessions of a connection: a new one may have the id of the one before, or none.
        var number = 0

        /// Whether the handshake was made, so that the server may forget it.
        var isOpen: Bool { version != nil }
    }

    /// The result of one POST.
    enum Outcome: Sendable, Hashable {
        /// The message was accepted; the response of a request was received.
        case done
        case sessionExpired
        case failed(MCPFailure)
    }

    /// What the tasks of one connection share.
    struct State {
        var session = Session()
        /// The `initialize` request that was sent, to repeat it for a new session.
        var opening: JSONRPCMessage?
        /// Cancels the exchange of a request that is under way.
        var exchanges: [RequestID: CancellationScope] = [:]
        /// Whether `initialize` was answered as a server with the older HTTP+SSE transport answers it.
        var isRefusedAsOlder = false
        var isRenewing = false
        /// Requests that wait until the session is renewed.
        var followers: [CheckedContinuation<MCPFailure?, Never>] = []
    }

    typealias Receive = @Sendable (MCPIncoming) -> Void

    /// The most bytes of one JSON response or event.
    static let largestAnswer = 16 * 1024 * 1024

    let url: String
    let credentials: [ServerConfiguration.CredentialHeader]
    let http: HTTPClient
    let connectTimeout: Duration
    let logger: Logger
    let state = NIOLockedValueBox(State())

    init(
        url: String, credentials: [ServerConfiguration.CredentialHeader], http: HTTPClient, connectTimeout: Duration,
        logger: Logger
    ) {
        self.url = url
        self.credentials = credentials
        self.http = http
        self.connectTimeout = connectTimeout
        self.logger = logger
    }

    /// Whether the server may have the HTTP+SSE transport of 2024-11-05 instead: it answered `initialize` with 400, 404
    /// or 405 (MCP, "Transports", "Backwards Compatibility").
    var mayBeOlder: Bool { state.withLockedValue { $0.isRefusedAsOlder } }

    func run(outgoing: AsyncStream<MCPOutgoing>, receive: @escaping Receive) async throws {
        await withDiscardingTaskGroup { group in
            for await item in outgoing {
                switch item {
                case .abandon(let id):
                    state.withLockedValue { $0.exchanges.removeValue(forKey: id) }?.cancel()
                case .message(let message) where message.method == MCPProtocol.Method.initialized:
                    // Awaited, since servers refuse requests that arrive before it.
                    await deliver(message, receive)
                    group.addTask { await listen(receive) }
                case .message(let message):
                    guard let id = message.requestID else {
                        group.addTask { await deliver(message, receive) }
                        continue
                    }
                    let scope = CancellationScope()
                    state.withLockedValue { $0.exchanges[id] = scope }
                    group.addTask {
                        await scope.run { await deliver(message, receive) }
                        _ = state.withLockedValue { $0.exchanges.removeValue(forKey: id) }
                    }
                }
            }
            group.cancelAll()
        }
        await endSession()
    }

    /// Sends one message, again if the session has expired. For a request `receive` gets the response or a failure.
    private func deliver(_ message: JSONRPCMessage, _ receive: @escaping Receive) async {
        let session = state.withLockedValue { state in
            if message.method == MCPProtocol.Method.initialize { state.opening = message }
            return state.session
        }
        var outcome = await post(message, in: session, receive)
        if outcome == .sessionExpired {
            if let failure = await renew(session, receive) {
                outcome = .failed(failure)
            } else {
                outcome = await post(message, in: state.withLockedValue { $0.session }, receive)
            }
        }
        let failure: MCPFailure
        switch outcome {
        case .done: return
        case .sessionExpired: failure = .notConnected("it forgets its sessions at once")
        case .failed(let reason): failure = reason
        }
        if let id = message.requestID {
            receive(.failed(id, failure))
        } else {
            logger.debug("A message did not reach an MCP server.", metadata: ["problem": "\(failure.explanation)"])
        }
    }
}
