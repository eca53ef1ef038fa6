import Logging
import NIOConcurrencyHelpers

/// The driver of one ``MCPDialect``: carries out its actions over one transport. Used for one connection.
final class MCPConnection: Sendable {
    private struct State {
        var dialect: any MCPDialect
        var waiters: [RequestID: CheckedContinuation<JSONValue, any Error>] = [:]
    }

    private let state: NIOLockedValueBox<State>
    private let transport: any MCPTransport
    private let outgoing: AsyncStream<MCPOutgoing>
    private let outbox: AsyncStream<MCPOutgoing>.Continuation
    private let toolsChanged: @Sendable () -> Void
    private let redaction: Redaction
    private let logger: Logger

    /// - Parameter toolsChanged: called when the server has reported that its tools changed; must not block.
    init(
        _ dialect: any MCPDialect, over transport: any MCPTransport, toolsChanged: @escaping @Sendable () -> Void,
        redaction: Redaction, logger: Logger
    ) {
        state = NIOLockedValueBox(State(dialect: dialect))
        self.transport = transport
        self.toolsChanged = toolsChanged
        self.redaction = redaction
        self.logger = logger
        // Bounded, so that a server that sends many requests does not use up memory: with 4096 unsent messages new ones
        // are dropped.
        (outgoing, outbox) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(4096))
    }

    /// What the server has stated of itself; nil while requests cannot be made.
    var server: MCPServerInfo? { state.withLockedValue { $0.dialect.server } }

    /// Whether ``start(within:)`` was refused as by a server with the HTTP+SSE transport.
    var mayBeOlder: Bool { state.withLockedValue { $0.dialect.mayBeOlder } }

    /// Runs the transport until ``close()``, the cancellation of the task, or the loss of the connection. Returns why
    /// it was lost, nil when it was closed. All pending requests have failed then.
    func run() async -> String? {
        let problem = await withTaskCancellationHandler {
            // Cancellation must not interrupt the orderly close: the handler below closes the outbox, and the transport
            // then ends within its own time limits.
            await withCancellationShield { [self] in
                do {
                    try await transport.run(outgoing: outgoing) { incoming in
                        self.perform { $0.receive(incoming, at: .now) }
                    }
                    return String?.none
                } catch {
                    return (error as? MCPConnectionLost)?.problem ?? "the connection broke"
                }
            }
        } onCancel: {
            close()
        }
        outbox.finish()
        perform { $0.end(problem ?? "the connection was closed") }
        return problem
    }

    /// Starts the orderly close; ``run()`` returns when it is done.
    func close() {
        perform { $0.close() }
        outbox.finish()
    }

    /// Makes the connection ready for requests and returns what the server states of itself. Throws ``MCPFailure``.
    func start(within limit: Duration) async throws -> MCPServerInfo {
        _ = try await exchange { dialect, id, now in dialect.start(id, limit: limit, at: now) }
        guard let server else { throw MCPFailure.lost("the connection was lost right after the handshake") }
        return server
    }

    /// Sends a request and waits for its result. Throws ``MCPFailure``; cancelling the task cancels the request at the
    /// server.
    func request(
        _ method: String, _ params: JSONValue = [:], limit: RequestLimit, reportsProgress: Bool = false
    ) async throws -> JSONValue {
        try await exchange { dialect, id, now in
            dialect.request(id, method, params, limit: limit, reportsProgress: reportsProgress, at: now)
        }
    }

    private typealias Opening = @Sendable (inout any MCPDialect, RequestID, ContinuousClock.Instant) -> [MCPAction]

    /// Sends one request and waits for its result, its deadline or the cancellation of the task.
    private func exchange(_ opening: @escaping Opening) async throws -> JSONValue {
        let id = state.withLockedValue { $0.dialect.nextID() }
        return try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: JSONValue?.self) { group in
                group.addTask { try await self.answer(to: id, opening) }
                group.addTask {
                    await self.watch(id)
                    return nil
                }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw MCPFailure.cancelled  // not reached: the first child returns a value or throws
            }
        } onCancel: {
            perform { $0.cancel(id) }
        }
    }

    private func answer(to id: RequestID, _ opening: @escaping Opening) async throws -> JSONValue {
        try await withCheckedThrowingContinuation { continuation in
            // Stored before the dialect knows the request, so that every `finish` action finds its continuation.
            state.withLockedValue { $0.waiters[id] = continuation }
            perform { opening(&$0, id, .now) }
            // A cancellation before this point found no pending request.
            if Task.isCancelled { perform { $0.cancel(id) } }
        }
    }

    /// Ends the request when its deadline has passed.
    private func watch(_ id: RequestID) async {
        // The sibling task may register the request after this task has started.
        while !Task.isCancelled {
            let deadline = state.withLockedValue { $0.dialect.deadline(of: id) }
            do {
                try await Task.sleep(until: deadline ?? .now + .milliseconds(20), clock: .continuous)
            } catch {
                return
            }
            perform { $0.expire(id, at: .now) }
        }
    }

    /// Steps the state machine and carries out its actions. Messages are added to the outbox under the lock, so that
    /// they are sent in the order of the actions; that resumes the transport's task and runs no other code.
    private func perform(_ step: (inout any MCPDialect) -> [MCPAction]) {
        var finished: [(CheckedContinuation<JSONValue, any Error>, Result<JSONValue, MCPFailure>)] = []
        let actions = state.withLockedValue { state in
            let actions = step(&state.dialect)
            for action in actions {
                switch action {
                case .send(let item): outbox.yield(item)
                case .finish(let id, let outcome):
                    if let waiter = state.waiters.removeValue(forKey: id) { finished.append((waiter, outcome)) }
                case .toolsChanged, .logged: break
                }
            }
            return actions
        }
        for (waiter, outcome) in finished { waiter.resume(with: outcome.mapError { $0 }) }
        for action in actions {
            switch action {
            case .toolsChanged: toolsChanged()
            case .logged(let level, let text):
                logger.debug(
                    "An MCP server logged.",
                    metadata: ["level": "\(redaction.line(level, limit: 20))", "text": "\(redaction.line(text))"])
            default: break
            }
        }
    }
}
