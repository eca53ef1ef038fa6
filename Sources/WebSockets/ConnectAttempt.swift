import NIOConcurrencyHelpers

/// One try to open a WebSocket to one address; settled once, by the service thread or by a cancellation.
final class ConnectAttempt: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<WebSocket, any Error>)
        case settled(Result<WebSocket, WebSocketError>?)
    }

    let id: UInt64
    let url: WebSocketURL
    /// Numeric, so that libwebsockets has nothing to look up.
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

    /// The first result counts. A socket that comes too late is aborted by its own end of life.
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

    func fail(_ code: WebSocketError.Code, _ what: String) {
        settle(.failure(WebSocketError(code, "\(url.place): \(what)")))
    }
}
