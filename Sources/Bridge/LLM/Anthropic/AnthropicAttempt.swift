import NIOConcurrencyHelpers

/// One request to the Messages API and its streamed response, without retries.
struct AnthropicAttempt: Sendable {
    let http: HTTPClient
    /// Builds the request, so that its bytes are not held while the response arrives.
    let request: @Sendable () -> HTTPClient.Request
    /// The ids of the calls in the request.
    let earlierCalls: CallIDs
    let errorMapper: AnthropicErrorMapper
    /// The longest time between two events that are no pings.
    let eventIdle: Duration

    private var errors: ModelErrors { errorMapper.errors }

    /// How long the attempt waits for the end of the response after `message_stop`, so that the connection can be
    /// reused.
    private static let drain = Duration.seconds(1)

    /// Sends the request and returns the whole turn. Throws ``ModelFailure``, with the code `cancelled` when the
    /// task was cancelled.
    func run(_ onDelta: @escaping @Sendable (ModelDelta) async -> Void) async throws -> ModelTurn {
        do {
            let response = try await http.send(request())
            guard (200..<300).contains(response.status) else { throw await failure(of: response) }
            let type = response.headers["content-type"]
            guard type?.lowercased().hasPrefix("text/event-stream") == true else { throw errors.notAStream(type) }
            return try await read(response.body, onDelta)
        } catch let fault as HTTPClient.Failure {
            throw Task.isCancelled ? ModelFailure.cancelled() : errors.transport(fault)
        } catch is CancellationError {
            throw ModelFailure.cancelled()
        }
    }

    private func failure(of response: HTTPClient.Response) async -> ModelFailure {
        // If the body of an error response cannot be read, the failure is mapped by its status alone.
        let body = (try? await response.collect(upTo: 65_536)) ?? []
        return errorMapper.status(response.status, headers: response.headers, body: AnthropicErrorBody(bytes: body))
    }

    /// What the task that reads the stream shares with the function that ends the attempt.
    private struct Progress {
        var stream: AnthropicStream
        var turn: ModelTurn?
        var hasDeltas = false
    }

    private func read(
        _ body: HTTPClient.Body, _ onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        let progress = NIOLockedValueBox(
            Progress(stream: AnthropicStream(model: errors.model, earlierCalls: earlierCalls)))
        let idleTimer = StreamIdleTimer(limit: eventIdle)
        do {
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await follow(body, progress, idleTimer, onDelta) }
                group.addTask { try await idleTimer.waitUntilIdle() }
                defer { group.cancelAll() }
                _ = try await group.next()
                if let turn = progress.withLockedValue({ $0.turn }) { return turn }
                throw errors.interrupted("only pings came for \(eventIdle)")
            }
        } catch {
            let (turn, usage, hasDeltas) = progress.withLockedValue { ($0.turn, $0.stream.usage, $0.hasDeltas) }
            if Task.isCancelled { throw ModelFailure.cancelled(usage.billed) }
            // The turn was complete before the error.
            if let turn { return turn }
            guard var failure = failure(error) else { throw error }
            failure.spent = usage.billed
            failure.hasDeltas = hasDeltas
            throw failure
        }
    }

    private func failure(_ error: any Error) -> ModelFailure? {
        switch error {
        case let failure as ModelFailure: failure
        case let fault as AnthropicStreamFault: errorMapper.stream(fault)
        case let fault as HTTPClient.Failure: errors.interrupted(fault.message)
        default: nil
        }
    }

    /// Reads events to the end of the response. The turn is set at `message_stop`; what remains is read for at most
    /// `drain`.
    private func follow(
        _ body: HTTPClient.Body, _ progress: NIOLockedValueBox<Progress>, _ idleTimer: StreamIdleTimer,
        _ onDelta: @Sendable (ModelDelta) async -> Void
    ) async throws {
        for try await event in ServerSentEvents(body) {
            let (deltas, wasPing, isFinished) = try progress.withLockedValue { progress in
                let deltas = try progress.stream.accept(event.data, named: event.name)
                progress.hasDeltas = progress.hasDeltas || !deltas.isEmpty
                return (deltas, progress.stream.lastWasPing, progress.stream.isFinished)
            }
            if !deltas.isEmpty {
                idleTimer.pause()
                for delta in deltas { await onDelta(delta) }
                idleTimer.resume()
            }
            if isFinished {
                try progress.withLockedValue { if $0.turn == nil { $0.turn = try $0.stream.finish() } }
                idleTimer.tighten(Self.drain)
            } else if !wasPing {
                idleTimer.reset()
            }
        }
        _ = try progress.withLockedValue { try $0.stream.finish() }
    }
}
