import Logging
import NIOConcurrencyHelpers

/// A server behind one URL: every message is a POST, its answer JSON or a stream of events (MCP, "Streamable HTTP").
///
/// There is no connection to lose: a server that is away fails its requests one by one. A session that the server
/// has forgotten (404) is opened again once for all requests that meet it, and they are repeated: the server has not
/// looked at them.
struct StreamableHTTPTransport: MCPTransport {
    /// What the server gave in the handshake.
    struct Session: Sendable, Hashable {
        var id: String?
        var version: String?
    }

    enum Outcome: Sendable, Hashable {
        case done
        case sessionExpired
        case failed(MCPFailure)
    }

    struct State {
        var session = Session()
        /// The handshake that was sent, to repeat it.
        var opening: JSONRPCMessage?
        var exchanges: [RequestID: CancellationScope] = [:]
        var isRenewing = false
        var followers: [CheckedContinuation<Void, Never>] = []
    }

    typealias Receive = @Sendable (MCPIncoming) -> Void

    /// The most bytes of one answer or event.
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

    func run(outgoing: AsyncStream<MCPOutgoing>, receive: @escaping Receive) async throws {
        await withDiscardingTaskGroup { group in
            for await item in outgoing {
                switch item {
                case .abandon(let id):
                    state.withLockedValue { $0.exchanges.removeValue(forKey: id) }?.cancel()
                case .message(let message) where message.method == MCPProtocol.Method.initialized:
                    // In order: servers refuse requests that overtake it.
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

    /// Sends one message; whatever happens, a request gets its answer or a failure.
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
