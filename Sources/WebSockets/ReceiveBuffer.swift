import DequeModule

/// Received messages between the service thread and the one consumer, bounded by holding the peer back.
struct ReceiveBuffer {
    typealias Waiter = CheckedContinuation<WebSocketMessage?, Never>

    /// Reading stops at either bound and goes on below half of both.
    static let maxMessages = 64
    static let maxBytes = 256 << 10

    private var queue: Deque<WebSocketMessage> = []
    private var byteCount = 0
    private var waiter: Waiter?
    private var isFinished = false
    private(set) var isFull = false

    /// Hands a message over; the waiter to resume with it, if the consumer waits.
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

    enum Next {
        case message(WebSocketMessage)
        case end
        case wait
    }

    /// The next message; with `wait` the waiter was kept. A second consumer gets the end.
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

    /// The consumer's task was cancelled.
    mutating func cancelWaiter() -> Waiter? {
        defer { waiter = nil }
        return waiter
    }

    /// No more messages will come; those in the queue can still be taken.
    mutating func finish() -> Waiter? {
        isFinished = true
        return cancelWaiter()
    }
}
