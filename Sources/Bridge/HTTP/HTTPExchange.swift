import DequeModule
import NIOConcurrencyHelpers

/// State that the loop's thread and the caller's tasks share for one request: the thread delivers the response, the
/// tasks wait for it.
///
/// All state is behind one lock. A function that takes a continuation out of the state resumes it, so each is resumed
/// exactly once.
final class HTTPExchange: Sendable {
    /// Status and headers of the final response.
    struct Head: Sendable {
        let status: Int
        let headers: HTTPClient.Headers
    }

    /// What became of delivered bytes: `full` means none was taken and the transfer must pause, `unwanted` that the
    /// exchange has ended and so must the transfer.
    enum Delivery { case taken, full, unwanted }

    /// With this many unread bytes the transfer pauses.
    static let highWater = 256 * 1024
    /// With this many unread bytes, or fewer, a paused transfer continues.
    static let lowWater = 64 * 1024

    /// host:port of the server, for errors.
    let origin: String
    private let loop: CurlLoop
    private let state: NIOLockedValueBox<State>

    init(_ request: consuming HTTPClient.Request, origin: String, loop: CurlLoop) {
        self.origin = origin
        self.loop = loop
        state = NIOLockedValueBox(State(request: request))
    }

    /// Sends the request and waits for the head of its response. Cancelling the task cancels the exchange.
    ///
    /// - Throws: ``HTTPClient/Failure``, or `CancellationError`.
    func send() async throws -> Head {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if let ended = state.withLockedValue({ $0.wait(forHead: continuation) }) {
                    continuation.resume(throwing: ended)
                } else if !loop.post(.start(self)) {
                    finish(HTTPClient.Failure.closed(origin, sent: false))
                }
            }
        } onCancel: {
            cancel()
        }
    }

    /// The next bytes of the body; nil after the last. Cancelling the task cancels the exchange.
    ///
    /// - Throws: ``HTTPClient/Failure``, or `CancellationError`.
    func nextChunk() async throws -> [UInt8]? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = state.withLockedValue { $0.take(continuation) }
                if answer.resumes { loop.post(.resume(self)) }
                if let result = answer.result { continuation.resume(with: result) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Ends the exchange from the caller's side: closes the transfer if it is running and drops unread bytes. Waiting
    /// and later calls of `send` and `nextChunk` throw `CancellationError`. Idempotent.
    func cancel() {
        let (waiters, wasRunning) = state.withLockedValue { $0.cancel() }
        waiters.resume(throwing: CancellationError())
        if wasRunning { loop.post(.cancel(self)) }
    }

    /// The request; nil after the first call. The exchange drops it, because its body may be large and the wait for the
    /// response long.
    func takeRequest() -> HTTPClient.Request? { state.withLockedValue { $0.takeRequest() } }

    /// Whether `cancel` was called.
    var isCancelled: Bool { state.withLockedValue { $0.isCancelled } }

    /// Resumes the task that waits for the head.
    func deliver(_ head: Head) {
        state.withLockedValue { $0.takeHeadWaiter() }?.resume(returning: head)
    }

    /// Delivers bytes of the body. After `full` they must be delivered again when `resume` was posted to the loop.
    func deliver(_ bytes: UnsafeRawBufferPointer) -> Delivery {
        let (delivery, reader) = state.withLockedValue { $0.append(bytes) }
        if let reader { reader.resume(returning: Array(bytes)) }
        return delivery
    }

    /// Ends the exchange from the loop's side; nil for the regular end of the body. Only the first end has an effect.
    func finish(_ error: HTTPClient.Failure?) {
        let waiters = state.withLockedValue { $0.finish(error) }
        if let error {
            waiters.resume(throwing: error)
        } else {
            waiters.chunk?.resume(returning: nil)
            waiters.head?.resume(throwing: HTTPClient.Failure.interrupted(origin))
        }
    }
}

extension HTTPExchange {
    /// Continuations taken out of the state, to be resumed outside the lock.
    fileprivate struct Waiters {
        var head: CheckedContinuation<Head, any Error>?
        var chunk: CheckedContinuation<[UInt8]?, any Error>?

        func resume(throwing error: any Error) {
            head?.resume(throwing: error)
            chunk?.resume(throwing: error)
        }
    }

    /// What the lock protects. Unread bytes are in `chunks`, their number in `waiting`.
    fileprivate struct State {
        private enum End {
            case regular
            case failed(HTTPClient.Failure)
            case cancelled
        }

        private var request: HTTPClient.Request?
        private var end: End?
        private var waiters = Waiters()
        private var chunks: Deque<[UInt8]> = []
        private var waiting = 0
        private var isPaused = false

        init(request: consuming HTTPClient.Request) { self.request = request }

        mutating func takeRequest() -> HTTPClient.Request? {
            defer { request = nil }
            return request
        }

        var isCancelled: Bool { if case .cancelled = end { true } else { false } }

        /// The error to throw at once when the exchange was cancelled before; nil when the continuation was stored.
        mutating func wait(forHead continuation: CheckedContinuation<Head, any Error>) -> (any Error)? {
            guard end == nil else { return CancellationError() }
            waiters.head = continuation
            return nil
        }

        mutating func takeHeadWaiter() -> CheckedContinuation<Head, any Error>? {
            defer { waiters.head = nil }
            return waiters.head
        }

        /// The result to resume the reader with, nil when its continuation was stored; and whether a paused transfer
        /// must continue.
        mutating func take(
            _ reader: CheckedContinuation<[UInt8]?, any Error>
        ) -> (result: Result<[UInt8]?, any Error>?, resumes: Bool) {
            if isCancelled { return (.failure(CancellationError()), false) }
            if waiters.chunk != nil { return (.failure(HTTPClient.Failure.secondReader), false) }
            if let chunk = chunks.popFirst() {
                waiting -= chunk.count
                let resumes = isPaused && waiting <= HTTPExchange.lowWater
                if resumes { isPaused = false }
                return (.success(chunk), resumes)
            }
            switch end {
            case .regular: return (.success(nil), false)
            case .failed(let error): return (.failure(error), false)
            case .cancelled, nil:
                waiters.chunk = reader
                return (nil, false)
            }
        }

        /// Returns the waiting reader, which the caller resumes with the bytes. Without one the bytes are stored, or
        /// refused when `highWater` is reached.
        mutating func append(
            _ bytes: UnsafeRawBufferPointer
        ) -> (Delivery, CheckedContinuation<[UInt8]?, any Error>?) {
            guard end == nil else { return (.unwanted, nil) }
            guard !bytes.isEmpty else { return (.taken, nil) }
            if let reader = waiters.chunk {
                waiters.chunk = nil
                return (.taken, reader)
            }
            guard waiting < HTTPExchange.highWater else {
                isPaused = true
                return (.full, nil)
            }
            waiting += bytes.count
            if let last = chunks.indices.last, chunks[last].count + bytes.count <= 16 * 1024 {
                chunks[last] += bytes  // one array for many small chunks
            } else {
                chunks.append(Array(bytes))
            }
            return (.taken, nil)
        }

        mutating func finish(_ error: HTTPClient.Failure?) -> Waiters {
            guard end == nil else { return Waiters() }
            end = error.map { .failed($0) } ?? .regular
            defer { waiters = Waiters() }
            return waiters
        }

        /// The continuations to resume, and whether the transfer may still be running.
        mutating func cancel() -> (Waiters, Bool) {
            if isCancelled { return (Waiters(), false) }
            let wasRunning = end == nil
            end = .cancelled
            chunks = []
            defer { waiters = Waiters() }
            return (waiters, wasRunning)
        }
    }
}
