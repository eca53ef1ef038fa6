import DequeModule
import NIOConcurrencyHelpers

/// One request as its two sides see it: the loop's thread delivers, the caller's tasks wait and take.
///
/// All state is behind one lock, and both continuations leave it exactly once: whoever takes one out resumes it.
final class HTTPExchange: Sendable {
    struct Head: Sendable {
        let status: Int
        let headers: HTTPClient.Headers
    }

    /// What the loop shall do after it delivered.
    enum Delivery { case taken, full, unwanted }

    /// Bytes waiting for the reader at which the loop stops reading from the connection, and at which it goes on.
    static let highWater = 256 * 1024
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

    /// Sends the request and waits for the head of its response.
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

    /// The next bytes of the body; nil after the last.
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

    /// Ends the exchange from the caller's side and closes its transfer. Nothing happens when it has ended before.
    func cancel() {
        let (waiters, wasRunning) = state.withLockedValue { $0.cancel() }
        waiters.resume(throwing: CancellationError())
        if wasRunning { loop.post(.cancel(self)) }
    }

    /// The request, once: nobody else keeps it, for its body may be long, and so may the wait for the response.
    func takeRequest() -> HTTPClient.Request? { state.withLockedValue { $0.takeRequest() } }

    /// Whether the caller has gone away.
    var isCancelled: Bool { state.withLockedValue { $0.isCancelled } }

    func deliver(_ head: Head) {
        state.withLockedValue { $0.takeHeadWaiter() }?.resume(returning: head)
    }

    /// Hands over bytes of the body. At `full` nothing was taken: deliver them again after `resume`.
    func deliver(_ bytes: UnsafeRawBufferPointer) -> Delivery {
        let (delivery, reader) = state.withLockedValue { $0.append(bytes) }
        if let reader { reader.resume(returning: Array(bytes)) }
        return delivery
    }

    /// The transfer has ended: nil for the regular end of the body. The first end counts.
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

        /// The error to throw at once, nil when the continuation now waits.
        mutating func wait(forHead continuation: CheckedContinuation<Head, any Error>) -> (any Error)? {
            guard end == nil else { return CancellationError() }
            waiters.head = continuation
            return nil
        }

        mutating func takeHeadWaiter() -> CheckedContinuation<Head, any Error>? {
            defer { waiters.head = nil }
            return waiters.head
        }

        /// A result to resume the reader with, nil when it now waits; and whether the loop shall read on.
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

        /// With a waiting reader the bytes are for it; else they are kept here, or refused when too many wait.
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
                chunks[last] += bytes  // a flood of tiny chunks costs no array each
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

        /// The waiters to wake, and whether the transfer may still be running.
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
