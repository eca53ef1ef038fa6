import NIOConcurrencyHelpers

/// One request and its streamed answer, without a second try.
struct AnthropicAttempt: Sendable {
    let http: HTTPClient
    /// Makes the request, whose bytes need not be kept for as long as the model speaks.
    let request: @Sendable () -> HTTPClient.Request
    let model: String
    let errorMapper: AnthropicErrorMapper
    let eventIdle: Duration

    /// How long the end of a stream is waited for once everything was said, so that its connection can be used again.
    private static let drain = Duration.seconds(1)

    /// The whole turn. Throws ``AnthropicFailure``, of code `cancelled` when the task was cancelled.
    func run(_ onDelta: @escaping @Sendable (ModelDelta) async -> Void) async throws -> ModelTurn {
        do {
            let response = try await http.send(request())
            guard (200..<300).contains(response.status) else { throw await failure(of: response) }
            let type = response.headers["content-type"]
            guard type?.lowercased().hasPrefix("text/event-stream") == true else { throw errorMapper.notAStream(type) }
            return try await read(response.body, onDelta)
        } catch let fault as HTTPClient.Failure {
            throw Task.isCancelled ? errorMapper.cancelled() : errorMapper.transport(fault)
        } catch is CancellationError {
            throw errorMapper.cancelled()
        }
    }

    private func failure(of response: HTTPClient.Response) async -> AnthropicFailure {
        // What cannot be read of an error's body is no second error; the status says enough.
        let body = (try? await response.collect(upTo: 65_536)) ?? []
        return errorMapper.status(response.status, headers: response.headers, body: AnthropicErrorBody(bytes: body))
    }

    /// What is shared by the reader of the stream and the watch over it.
    private struct Progress {
        var stream: AnthropicStream
        var turn: ModelTurn?
        var wasHeard = false
    }

    private func read(
        _ body: HTTPClient.Body, _ onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        let progress = NIOLockedValueBox(Progress(stream: AnthropicStream(model: model)))
        let idleTimer = StreamIdleTimer(limit: eventIdle)
        do {
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await follow(body, progress, idleTimer, onDelta) }
                group.addTask { try await idleTimer.waitUntilIdle() }
                defer { group.cancelAll() }
                _ = try await group.next()
                if let turn = progress.withLockedValue({ $0.turn }) { return turn }
                throw errorMapper.interrupted("only pings came for \(eventIdle)")
            }
        } catch {
            let (turn, usage, wasHeard) = progress.withLockedValue { ($0.turn, $0.stream.usage, $0.wasHeard) }
            if Task.isCancelled { throw errorMapper.cancelled(usage) }
            // Whatever happened after the last event, the turn is whole.
            if let turn { return turn }
            guard var failure = failure(error) else { throw error }
            failure.usage = usage
            failure.wasHeard = wasHeard
            throw failure
        }
    }

    private func failure(_ error: any Error) -> AnthropicFailure? {
        switch error {
        case let failure as AnthropicFailure: failure
        case let fault as AnthropicStreamFault: errorMapper.stream(fault)
        case let fault as HTTPClient.Failure: errorMapper.interrupted(fault.message)
        default: nil
        }
    }

    /// Reads to the end of the stream, and past the turn's end, for a moment, to the end of the response.
    private func follow(
        _ body: HTTPClient.Body, _ progress: NIOLockedValueBox<Progress>, _ idleTimer: StreamIdleTimer,
        _ onDelta: @Sendable (ModelDelta) async -> Void
    ) async throws {
        for try await event in ServerSentEvents(body) {
            let (deltas, wasPing, isFinished) = try progress.withLockedValue { progress in
                let deltas = try progress.stream.accept(event.data)
                progress.wasHeard = progress.wasHeard || !deltas.isEmpty
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
