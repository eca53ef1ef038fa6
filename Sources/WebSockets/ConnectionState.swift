import NIOConcurrencyHelpers

/// State of a connection that tasks share with the service thread.
///
/// Tasks change it under the lock and post ``ServiceThread/Command/applyPendingActions(_:)``; the service thread reads
/// ``pendingActions()`` and carries them out. Continuations are resumed outside the lock.
final class ConnectionState: Sendable {
    private struct State {
        var sendQueue = SendQueue()
        var receiveBuffer = ReceiveBuffer()
        var nextSend: UInt64 = 0
        var closeRequest: WebSocketClose?
        var closeStatus: WebSocketClose?
        var lastControlFrame = ContinuousClock.now
        var isAborted = false
        var isHeld = false
        var isEnded = false
        var needsAttention = false
        var enders: [CheckedContinuation<Void, Never>] = []
    }

    /// What tasks have requested of the service thread since the connection opened.
    struct PendingActions {
        let write: Bool
        let read: Bool
        let close: WebSocketClose?
        let abort: Bool
    }

    let id: UInt64
    private let service: ServiceThread
    private let state = NIOLockedValueBox(State())

    init(id: UInt64, service: ServiceThread) {
        self.id = id
        self.service = service
    }

    var closeStatus: WebSocketClose? { state.withLockedValue { $0.isEnded ? $0.closeStatus : nil } }
    var lastControlFrame: ContinuousClock.Instant { state.withLockedValue { $0.lastControlFrame } }
    var isReadingWanted: Bool { state.withLockedValue { !$0.receiveBuffer.isFull && !$0.isHeld } }
    var isHeld: Bool { state.withLockedValue { $0.isHeld } }

    /// Changes the state, unless the connection has ended, and wakes the service thread. Further changes before it has
    /// read ``pendingActions()`` do not wake it again.
    private func change(_ body: (inout State) -> Void) {
        let wakesUp = state.withLockedValue { state -> Bool in
            guard !state.isEnded else { return false }
            body(&state)
            defer { state.needsAttention = true }
            return !state.needsAttention
        }
        if wakesUp { service.post(.applyPendingActions(id)) }
    }
}

/// Called by tasks.
extension ConnectionState {
    /// Queues the frames of one message and waits until the kernel has taken all of them.
    ///
    /// - Throws: ``WebSocketError`` `closed`, `cancelled` or `tooLarge`, as ``WebSocket/send(_:)`` documents.
    func send(_ frames: [OutgoingFrame]) async throws {
        guard frames.allSatisfy({ $0.payloadCount < Int(Int32.max) / 2 }) else {
            throw WebSocketError(.tooLarge, "a message of more than 1 GiB cannot be sent")
        }
        let id = state.withLockedValue { state in
            defer { state.nextSend += 1 }
            return state.nextSend
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                var isAccepted = false
                change { state in
                    guard state.closeRequest == nil, !state.isAborted else { return }
                    state.sendQueue.append(frames, id: id, waiter: waiter)
                    isAccepted = true
                }
                if !isAccepted { waiter.resume(throwing: WebSocketError(.closed, "the WebSocket is closed")) }
                if Task.isCancelled { cancelSend(id) }
            }
        } onCancel: {
            cancelSend(id)
        }
    }

    private func cancelSend(_ id: UInt64) {
        let waiter = state.withLockedValue { $0.sendQueue.cancel(id) }
        waiter?.resume(throwing: WebSocketError(.cancelled, "sending was cancelled"))
    }

    /// The next received message; nil when the connection has ended, when the task is cancelled, or when another
    /// consumer already waits.
    func next() async -> WebSocketMessage? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                var next = ReceiveBuffer.Next.end
                var resumes = false
                state.withLockedValue { state in
                    let wasFull = state.receiveBuffer.isFull
                    next = state.receiveBuffer.next(waiter)
                    resumes = wasFull && !state.receiveBuffer.isFull
                }
                if resumes { change { _ in } }
                switch next {
                case .message(let message): waiter.resume(returning: message)
                case .end: waiter.resume(returning: nil)
                case .wait: if Task.isCancelled { cancelNext() }
                }
            }
        } onCancel: {
            cancelNext()
        }
    }

    private func cancelNext() {
        state.withLockedValue { $0.receiveBuffer.cancelWaiter() }?.resume(returning: nil)
    }

    /// Requests a close frame with this code and reason after the frames already queued. Only the first request counts.
    func requestClose(code: Int, reason: String) {
        change { state in
            if state.closeRequest == nil {
                state.closeRequest = WebSocketClose(code: code, reason: reason, how: .local)
            }
        }
    }

    /// Waits until the connection has ended. Does not react to cancellation; after ``requestClose(code:reason:)`` the
    /// service thread ends the connection within one second.
    func waitForEnd() async {
        await withCheckedContinuation { waiter in
            let hasEnded = state.withLockedValue { state in
                if !state.isEnded { state.enders.append(waiter) }
                return state.isEnded
            }
            if hasEnded { waiter.resume() }
        }
    }

    /// Requests a TCP reset without a close frame.
    func abort() {
        change { state in
            state.isAborted = true
            if state.closeStatus == nil { state.closeStatus = .aborted }
        }
    }

    /// Stops reading from the peer.
    func hold() { change { $0.isHeld = true } }
}

/// Called by the service thread.
extension ConnectionState {
    /// The requests that are to be applied. The next change wakes the service thread again.
    func pendingActions() -> PendingActions {
        state.withLockedValue { state in
            state.needsAttention = false
            return PendingActions(
                write: !state.sendQueue.isEmpty || state.closeRequest != nil,
                read: !state.receiveBuffer.isFull && !state.isHeld, close: state.closeRequest, abort: state.isAborted)
        }
    }

    /// Removes the next frame to write; nil if the queue is empty.
    func nextFrame() -> OutgoingFrame? { state.withLockedValue { $0.sendQueue.next() } }

    /// The kernel has taken the last frame of ``nextFrame()``: resumes its sender if that was the message's last frame.
    func finishWritten() { state.withLockedValue { $0.sendQueue.finishWritten() }?.resume() }

    /// Passes a received message to the waiting consumer, or buffers it.
    func deliver(_ message: WebSocketMessage) {
        state.withLockedValue { $0.receiveBuffer.push(message) }?.resume(returning: message)
    }

    /// Sets the time of the last pong.
    func noteControlFrame(_ now: ContinuousClock.Instant) { state.withLockedValue { $0.lastControlFrame = now } }

    /// Sets the close status unless one is already set: the first cause counts.
    func note(_ closeStatus: WebSocketClose) {
        state.withLockedValue { if $0.closeStatus == nil { $0.closeStatus = closeStatus } }
    }

    /// Marks the connection as ended and resumes all waiting tasks: senders with `closed`, the reader with nil, tasks
    /// in ``waitForEnd()``. Idempotent.
    func end() {
        let (senders, reader, enders) = state.withLockedValue { state in
            guard !state.isEnded else {
                return ([SendQueue.Waiter](), ReceiveBuffer.Waiter?.none, [CheckedContinuation<Void, Never>]())
            }
            state.isEnded = true
            state.closeStatus = state.closeStatus ?? .lost
            defer { state.enders = [] }
            return (state.sendQueue.removeAll(), state.receiveBuffer.finish(), state.enders)
        }
        for sender in senders {
            sender.resume(throwing: WebSocketError(.closed, "the WebSocket was closed before the end of the message"))
        }
        reader?.resume(returning: nil)
        for ender in enders { ender.resume() }
    }
}
