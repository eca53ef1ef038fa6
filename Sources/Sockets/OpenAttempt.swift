import NIOConcurrencyHelpers

/// One try to open a WebSocket to one address; settled once, by the service thread or by a cancellation.
final class OpenAttempt: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Socket, any Error>)
        case settled(Result<Socket, SocketError>?)
    }

    let id: UInt64
    let url: WebSocketURL
    /// Numeric, so that libwebsockets has nothing to look up.
    let address: String
    let request: SocketRequest
    private let state = NIOLockedValueBox(State.idle)

    init(id: UInt64, url: WebSocketURL, address: String, request: SocketRequest) {
        self.id = id
        self.url = url
        self.address = address
        self.request = request
    }

    var isSettled: Bool {
        state.withLockedValue { if case .settled = $0 { true } else { false } }
    }

    func begin(_ continuation: CheckedContinuation<Socket, any Error>) {
        let early: Result<Socket, SocketError>? = state.withLockedValue { state in
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
    func settle(_ result: Result<Socket, SocketError>) {
        let waiter: CheckedContinuation<Socket, any Error>? = state.withLockedValue { state in
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

    func fail(_ code: SocketError.Code, _ what: String) {
        settle(.failure(SocketError(code, "\(url.place): \(what)")))
    }
}
