import DequeModule

/// Received messages on their way from the service thread to the one consumer. When it is full the service thread stops
/// reading, so that TCP stops the peer.
struct ReceiveBuffer {
    typealias Waiter = CheckedContinuation<WebSocketMessage?, Never>

    /// Reading stops at either limit and resumes at half of both.
    static let maxMessages = 64
    static let maxBytes = 256 << 10

    private var queue: Deque<WebSocketMessage> = []
    private var byteCount = 0
    private var waiter: Waiter?
    private var isFinished = false
    private(set) var isFull = false

    /// Buffers a message. If the consumer waits nothing is buffered: returns the continuation to resume with the
    /// message.
    mutating func push(_ message: WebSocketMessage) -> Waiter? {
        guard !isFinished else { return nil }
        if let waiter {
            self.waiter = nil
            return waiter
        }
        queue.append(message)
        byteCount += message.byteCount
        if queue.count >= Self.maxMessages || byteCount >= Self.maxBytes { isFull = true }
        return nil
    }

    /// The result of ``next(_:)``.
    enum Next {
        case message(WebSocketMessage)
        case end
        case wait
    }

    /// The next message. `wait`: the continuation is stored. `end`: no more messages will come, or another consumer
    /// waits.
    mutating func next(_ waiter: Waiter) -> Next {
        if let message = queue.popFirst() {
            byteCount -= message.byteCount
            if queue.count <= Self.maxMessages / 2, byteCount <= Self.maxBytes / 2 { isFull = false }
            return .message(message)
        }
        if isFinished || self.waiter != nil { return .end }
        self.waiter = waiter
        return .wait
    }

    /// Returns the waiting consumer's continuation, which the caller resumes with nil.
    mutating func cancelWaiter() -> Waiter? {
        defer { waiter = nil }
        return waiter
    }

    /// No more messages will come; buffered ones can still be read. Returns a waiting consumer's continuation, which
    /// the caller resumes with nil.
    mutating func finish() -> Waiter? {
        isFinished = true
        return cancelWaiter()
    }
}
