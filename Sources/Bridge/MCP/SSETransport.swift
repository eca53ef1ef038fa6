import Logging
import NIOConcurrencyHelpers

/// Transport of MCP 2024-11-05 ("HTTP with SSE"): one GET is the event stream of the server, whose event `endpoint`
/// names the address that messages are POSTed to. Responses come on the stream.
///
/// The session lasts as long as the stream. When it ends, or the endpoint does not know the session,
/// ``run(outgoing:receive:)`` throws, and the client opens a new one.
struct SSETransport: MCPTransport {
    typealias Receive = @Sendable (MCPIncoming) -> Void

    private struct State {
        /// Whether the response to the GET is an event stream.
        var isOpen = false
        /// Where messages are POSTed to; nil until the server has named it.
        var endpoint: String?
    }

    /// Why one of the tasks of ``run(outgoing:receive:)`` has ended.
    private enum End: Sendable {
        /// `outgoing` has ended: the connection is to be closed.
        case asked
        case lost(String)
        /// A task without a result has ended.
        case watched
    }

    private let url: String
    private let http: MCPHTTPClient
    private let connectTimeout: Duration
    private let endpointTimeout: Duration
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let exchanges = MCPExchanges()
    // One element each, so bounded by their use.
    private let endpoints: AsyncStream<String>
    private let named: AsyncStream<String>.Continuation
    private let losses: AsyncStream<String>
    private let lost: AsyncStream<String>.Continuation

    /// - Parameter endpointTimeout: how long the event `endpoint` may take, from the GET.
    init(
        url: String, http: MCPHTTPClient, connectTimeout: Duration, endpointTimeout: Duration, logger: Logger
    ) {
        self.url = url
        self.http = http
        self.connectTimeout = connectTimeout
        self.endpointTimeout = endpointTimeout
        self.logger = logger
        (endpoints, named) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
        (losses, lost) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// Whether the server has named its endpoint, which only a server with this transport does.
    var hasEndpoint: Bool { state.withLockedValue { $0.endpoint != nil } }

    func run(outgoing: AsyncStream<MCPOutgoing>, receive: @escaping Receive) async throws {
        let end = await withTaskGroup(of: End.self) { group -> End in
            group.addTask { .lost(await listen(receive)) }
            group.addTask {
                await send(outgoing, receive)
                return .asked
            }
            group.addTask {
                try? await Task.sleep(for: endpointTimeout)
                return hasEndpoint || Task.isCancelled ? .watched : .lost(noEndpoint)
            }
            group.addTask {
                for await problem in losses { return .lost(problem) }
                return .watched
            }
            var end = await group.next() ?? .asked
            while case .watched = end { end = await group.next() ?? .asked }
            group.cancelAll()
            return end
        }
        let hasNone = state.withLockedValue { $0.isOpen && $0.endpoint == nil }
        switch end {
        case .lost(let problem): throw MCPConnectionLost(problem)
        case .asked, .watched: if hasNone { throw MCPConnectionLost(noEndpoint) }
        }
    }

    private var noEndpoint: String {
        "it names no endpoint on its event stream, as a server with the old HTTP+SSE transport does at once"
    }

    /// Opens the event stream and reads it to its end. Returns why it has ended.
    private func listen(_ receive: Receive) async -> String {
        let timeouts = HTTPClient.Timeouts(
            connect: connectTimeout, head: connectTimeout, idle: MCPHTTPClient.unlimited, total: nil)
        do {
            let response = try await http.send(
                "GET", url, headers: [(name: "Accept", value: "text/event-stream")], timeouts: timeouts)
            if let problem = Self.problem(of: response) { return problem }
            state.withLockedValue { $0.isOpen = true }
            for try await event in ServerSentEvents(response.body, limit: StreamableHTTPTransport.largestAnswer) {
                if event.name == "endpoint" {
                    if let problem = adopt(endpoint: event.data) { return problem }
                } else {
                    let frame = MCPFrame(Array(event.data.utf8))
                    for message in frame.messages { take(message, receive) }
                    for response in frame.unreadable {
                        receive(.unreadable(response))
                        if let id = response.id { exchanges.end(id) }
                    }
                }
            }
            return "it closed its event stream"
        } catch {
            return MCPFailure(ofExchange: error).explanation
        }
    }

    /// Why the response to the GET is no event stream; nil when it is one.
    private static func problem(of response: HTTPClient.Response) -> String? {
        let type = response.headers["Content-Type"]?.lowercased() ?? ""
        switch response.status {
        case 200 where type.hasPrefix("text/event-stream"): return nil
        case 401, 403:
            return "it refused the credentials (HTTP \(response.status)); check the authentication of its entry"
        case 300..<400: return "it moved (HTTP \(response.status)); put its present URL into the entry"
        case 500...: return "it failed (HTTP \(response.status))"
        default:
            return "it opens no event stream at its URL (HTTP \(response.status)); check the URL, "
                + "or set protocol: http if it speaks streamable HTTP"
        }
    }

    /// Stores the first endpoint. Returns why it cannot be used; nil on success and for a later one.
    private func adopt(endpoint written: String) -> String? {
        guard !hasEndpoint else { return nil }
        let reference = written.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        // The credentials of the entry are sent there, so it must be the entry's own server.
        guard let endpoint = HTTPOrigin.resolve(reference, sameOriginAs: url) else {
            return "the endpoint that it names has another origin than its URL, so nothing is sent there; "
                + "correct the server's own address, or the URL of the entry"
        }
        state.withLockedValue { $0.endpoint = endpoint }
        named.yield(endpoint)
        named.finish()
        return nil
    }

    /// Passes a message on. The response to a request ends its POST, which some servers leave open until then.
    private func take(_ message: JSONRPCMessage, _ receive: Receive) {
        receive(.message(message))
        if let id = message.answeredID { exchanges.end(id) }
    }

    /// POSTs the messages until `outgoing` ends.
    private func send(_ outgoing: AsyncStream<MCPOutgoing>, _ receive: @escaping Receive) async {
        await withDiscardingTaskGroup { group in
            for await item in outgoing {
                switch item {
                case .message(let envelope):
                    await exchanges.deliver(envelope, in: &group) { await post($0.message, receive) }
                case .abandon(let id): exchanges.end(id)
                case .listen, .endSession: break  // the event stream is both
                }
            }
            group.cancelAll()
        }
    }

    /// POSTs one message. For a request `receive` gets the failure, if there is one.
    private func post(_ message: JSONRPCMessage, _ receive: Receive) async {
        guard let endpoint = await endpoint(), let failure = await failure(toPost: message, to: endpoint) else {
            return
        }
        if let id = message.requestID {
            receive(.failed(id, failure))
        } else {
            logger.debug("A message did not reach an MCP server.", metadata: ["problem": "\(failure.explanation)"])
        }
    }

    /// The endpoint, as soon as the server has named it; nil when the task was cancelled before. Only `initialize`
    /// waits: nothing else is sent before its response.
    private func endpoint() async -> String? {
        if let endpoint = state.withLockedValue({ $0.endpoint }) { return endpoint }
        for await endpoint in endpoints { return endpoint }
        return nil
    }

    private func failure(toPost message: JSONRPCMessage, to endpoint: String) async -> MCPFailure? {
        // A request has the limits of the dialect, so its HTTP timeouts are longer.
        let isRequest = message.requestID != nil
        let limit = isRequest ? MCPHTTPClient.unlimited : connectTimeout
        let timeouts = HTTPClient.Timeouts(
            connect: connectTimeout, head: limit, idle: limit, total: isRequest ? nil : connectTimeout)
        let fields = [
            (name: "Accept", value: "application/json, text/event-stream"),
            (name: "Content-Type", value: "application/json"),
        ]
        do {
            let response = try await http.send(
                "POST", endpoint, headers: fields, body: message.json.bytes(), timeouts: timeouts)
            // Read to the end, so that the connection can be used again; its content has no meaning.
            let body = (try? await response.collect(upTo: 65536)) ?? []
            return refusal(response.status, body)
        } catch {
            return MCPFailure(ofExchange: error)
        }
    }

    /// The failure that the status of a POST means; nil for one that was accepted. Ends the connection when the
    /// endpoint does not know the session.
    private func refusal(_ status: Int, _ body: [UInt8]) -> MCPFailure? {
        switch status {
        case 200..<300: return nil
        case 300..<400:
            return .notConnected("its endpoint moved (HTTP \(status)); the server must name its present address")
        case 401, 403:
            return .notConnected("it refused the credentials (HTTP \(status)); check the authentication of its entry")
        case 404, 410: return forgotten(status)
        case 400 where String(decoding: body, as: UTF8.self).lowercased().contains("session"): return forgotten(status)
        case 400..<500: return .notConnected("it refused the request (HTTP \(status))")
        default: return .lost("it failed (HTTP \(status))")
        }
    }

    private func forgotten(_ status: Int) -> MCPFailure {
        let problem = "its endpoint does not know the session (HTTP \(status))"
        lost.yield(problem)
        return .notConnected(problem)
    }
}
