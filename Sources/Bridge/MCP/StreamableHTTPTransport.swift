import Logging
import NIOConcurrencyHelpers

/// Transport to a server at one URL: every message is a POST, its response JSON or an event stream (MCP, "Streamable
/// HTTP").
///
/// There is no connection that could be lost: while the server is unavailable each request fails.
struct StreamableHTTPTransport: MCPTransport {
    /// The result of one POST.
    enum Outcome: Sendable, Hashable {
        /// The message was accepted; the response of a request was received.
        case done
        case refused(HTTPRefusal)
        case failed(MCPFailure)
    }

    /// The stream of the server's own messages.
    struct Listening {
        var scope: CancellationScope?
        /// The waits before it is opened again. A dialect may ask for it anew because it was refused, so they go on.
        var backoff = Backoff(first: .seconds(1), most: .seconds(60))
    }

    typealias Headers = [String: String]
    typealias Receive = @Sendable (MCPIncoming) -> Void

    /// The most bytes of one JSON response or event.
    static let largestAnswer = 16 * 1024 * 1024

    let url: String
    let http: MCPHTTPClient
    let connectTimeout: Duration
    let logger: Logger
    let listening = NIOLockedValueBox(Listening())
    let exchanges = MCPExchanges()

    init(url: String, http: MCPHTTPClient, connectTimeout: Duration, logger: Logger) {
        self.url = url
        self.http = http
        self.connectTimeout = connectTimeout
        self.logger = logger
    }

    func run(outgoing: AsyncStream<MCPOutgoing>, receive: @escaping Receive) async throws {
        let session = await withDiscardingTaskGroup { group in
            var session: Headers?
            for await item in outgoing {
                switch item {
                case .message(let envelope):
                    await exchanges.deliver(envelope, in: &group) { await deliver($0, receive) }
                case .abandon(let id): exchanges.end(id)
                case .listen(let headers):
                    let scope = CancellationScope()
                    listening.withLockedValue { listening in
                        defer { listening.scope = scope }
                        return listening.scope
                    }?.cancel()
                    group.addTask { await scope.run { await listen(headers, receive) } }
                case .endSession(let headers): session = headers
                }
            }
            group.cancelAll()
            return session
        }
        if let session { await endSession(session) }
    }

    /// Sends one message. For a request `receive` gets the response or a failure.
    private func deliver(_ envelope: MCPEnvelope, _ receive: @escaping Receive) async {
        let outcome = await post(envelope, receive)
        guard let id = envelope.message.requestID else { return note(outcome) }
        switch outcome {
        case .done: break
        case .refused(let refusal): receive(.refused(id, refusal))
        case .failed(let failure): receive(.failed(id, failure))
        }
    }

    private func note(_ outcome: Outcome) {
        let failure: MCPFailure
        switch outcome {
        case .done: return
        case .refused(let refusal): failure = refusal.failure
        case .failed(let reason): failure = reason
        }
        logger.debug("A message did not reach an MCP server.", metadata: ["problem": "\(failure.explanation)"])
    }

    /// Sends DELETE for the session (MCP, "Session Management"), within 3 s. Its response is ignored, since servers may
    /// refuse it.
    private func endSession(_ headers: Headers) async {
        let timeouts = HTTPClient.Timeouts(
            connect: .seconds(2), head: .seconds(2), idle: .seconds(2), total: .seconds(3))
        do {
            _ = try await http.send("DELETE", url, headers: fields(headers), timeouts: timeouts)
        } catch {
            logger.debug("An MCP session could not be ended.", metadata: ["problem": "\(error)"])
        }
    }

    /// The header fields of a request. By default both content types of a response, since some servers refuse one
    /// alone.
    func fields(
        _ headers: Headers, accepting types: String = "application/json, text/event-stream"
    ) -> [(name: String, value: String)] {
        [(name: "Accept", value: types)] + headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }
}
