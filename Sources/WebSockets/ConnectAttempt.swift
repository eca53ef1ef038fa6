import NIOConcurrencyHelpers

/// One attempt to open a WebSocket to one address. Settled once, by the service thread or by a cancellation.
final class ConnectAttempt: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<WebSocket, any Error>)
        case settled(Result<WebSocket, WebSocketError>?)
    }

    let id: UInt64
    let url: WebSocketURL
    /// Numeric, so that libwebsockets does no DNS lookup.
    let address: String
    let request: WebSocketRequest
    private let state = NIOLockedValueBox(State.idle)

    init(id: UInt64, url: WebSocketURL, address: String, request: WebSocketRequest) {
        self.id = id
        self.url = url
        self.address = address
        self.request = request
    }

    var isSettled: Bool {
        state.withLockedValue { if case .settled = $0 { true } else { false } }
    }

    /// Sets the continuation to resume with the result; resumes it at once if the attempt is already settled.
    func begin(_ continuation: CheckedContinuation<WebSocket, any Error>) {
        let early: Result<WebSocket, WebSocketError>? = state.withLockedValue { state in
            if case .settled(let result) = state {
                state = .settled(nil)
                return result
            }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(with: early.mapError { $0 as any Error }) }
    }

    /// Sets the result; only the first call has an effect. A WebSocket that is delivered after that has no owner, so
    /// its `deinit` aborts it.
    func settle(_ result: Result<WebSocket, WebSocketError>) {
        let waiter: CheckedContinuation<WebSocket, any Error>? = state.withLockedValue { state in
            switch state {
            case .idle:
                state = .settled(result)
                return nil
            case .waiting(let continuation):
                state = .settled(nil)
                return continuation
            case .settled:
                return nil
            }
        }
        waiter?.resume(with: result.mapError { $0 as any Error })
    }

    /// Settles with an error whose message begins with the URL's host and port.
    func fail(_ code: WebSocketError.Code, _ what: String) {
        settle(.failure(WebSocketError(code, "\(url.place): \(what)")))
    }
}
