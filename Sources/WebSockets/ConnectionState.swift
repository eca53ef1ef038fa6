import NIOConcurrencyHelpers

/// What the tasks that use a connection share with the service thread that moves its bytes.
///
/// Tasks change the state under the lock and ring the service thread; the thread asks what is wanted and does it.
/// Continuations are resumed outside the lock.
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

    /// What the service thread is asked to do.
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

    /// Changes the state and rings the service thread, once until it has looked.
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

/// What tasks call.
extension ConnectionState {
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

    /// Asks for a close frame after what is already queued. The first request counts.
    func requestClose(code: Int, reason: String) {
        change { state in
            if state.closeRequest == nil {
                state.closeRequest = WebSocketClose(code: code, reason: reason, how: .local)
            }
        }
    }

    /// Waits for the connection's end; it comes, because the service thread enforces it.
    func waitForEnd() async {
        await withCheckedContinuation { waiter in
            let hasEnded = state.withLockedValue { state in
                if !state.isEnded { state.enders.append(waiter) }
                return state.isEnded
            }
            if hasEnded { waiter.resume() }
        }
    }

    func abort() {
        change { state in
            state.isAborted = true
            if state.closeStatus == nil { state.closeStatus = .aborted }
        }
    }

    func hold(_ isHeld: Bool) { change { $0.isHeld = isHeld } }
}

/// What the service thread calls.
extension ConnectionState {
    func pendingActions() -> PendingActions {
        state.withLockedValue { state in
            state.needsAttention = false
            return PendingActions(
                write: !state.sendQueue.isEmpty || state.closeRequest != nil,
                read: !state.receiveBuffer.isFull && !state.isHeld, close: state.closeRequest, abort: state.isAborted)
        }
    }

    func nextFrame() -> OutgoingFrame? { state.withLockedValue { $0.sendQueue.next() } }

    func finishWritten() { state.withLockedValue { $0.sendQueue.finishWritten() }?.resume() }

    func deliver(_ message: WebSocketMessage) {
        state.withLockedValue { $0.receiveBuffer.push(message) }?.resume(returning: message)
    }

    func noteControlFrame(_ now: ContinuousClock.Instant) { state.withLockedValue { $0.lastControlFrame = now } }

    /// Keeps the first reason why the connection is about to end.
    func note(_ closeStatus: WebSocketClose) {
        state.withLockedValue { if $0.closeStatus == nil { $0.closeStatus = closeStatus } }
    }

    /// The connection has ended: all waiting tasks resume.
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
