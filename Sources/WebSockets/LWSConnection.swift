import CWebSockets
import Glibc

/// The service thread's state of one libwebsockets connection (`wsi`). Used by that thread only.
final class LWSConnection {
    let state: ConnectionState
    let pingPolicy: PingPolicy?
    /// Client role: the attempt that this connection settles.
    let attempt: ConnectAttempt?
    /// Server role: the upgrade request, and the listener that receives the open WebSocket.
    let arrival: (listener: Listener, request: UpgradeRequest)?
    /// The id as the `wsi` carries it; not an address. Ids begin with 1, so that it is not null.
    var tag: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(state.id)) }
    /// Valid until `LWS_CALLBACK_WSI_DESTROY`.
    var wsi: OpaquePointer?

    /// `kill` was called: libwebsockets is to close this connection; its callbacks have no further effect.
    private(set) var isDoomed = false
    private(set) var isOpen = false
    private var isClosing = false
    private var isReading = true
    private var isPingDue = false
    private var pings: UInt64 = 0
    private var assembler: MessageAssembler
    private var nextPing: ContinuousClock.Instant?
    /// When the connection is dropped unless a pong arrives.
    private var silentAt: ContinuousClock.Instant?
    /// When a closing connection is dropped; nil while no close has begun.
    private var killAt: ContinuousClock.Instant?

    init(state: ConnectionState, attempt: ConnectAttempt) {
        self.state = state
        self.attempt = attempt
        arrival = nil
        pingPolicy = attempt.request.pingPolicy
        assembler = MessageAssembler(limit: attempt.request.maxMessageBytes)
    }

    init(state: ConnectionState, listener: Listener, request: UpgradeRequest) {
        self.state = state
        attempt = nil
        arrival = (listener, request)
        pingPolicy = listener.options.pingPolicy
        assembler = MessageAssembler(limit: listener.options.maxMessageBytes)
    }

    /// The upgrade has succeeded: starts the ping timers and hands the WebSocket to the attempt or the listener.
    func opened() {
        isOpen = true
        let now = ContinuousClock.now
        state.noteControlFrame(now)
        if let pingPolicy {
            nextPing = now + pingPolicy.pingEvery
            silentAt = now + pingPolicy.deadAfter
        }
        schedule(now)
        let socket = WebSocket(state)
        attempt?.settle(.success(socket))
        if let arrival { arrival.listener.hand(AcceptedWebSocket(socket: socket, request: arrival.request)) }
        applyPendingActions()
    }

    /// Carries out what tasks have requested in ``ConnectionState``.
    func applyPendingActions() {
        let pendingActions = state.pendingActions()
        guard let wsi, isOpen, !isDoomed else { return }
        if pendingActions.abort { return kill(reset: true) }
        if pendingActions.close != nil, killAt == nil {
            killAt = .now + .seconds(1)
            schedule(.now)
        }
        read(pendingActions.read || (pendingActions.close != nil && !state.isHeld))
        if pendingActions.write, !isClosing { lws_callback_on_writable(wsi) }
    }

    /// Handles a chunk of payload. Returns the callback's result: -1 closes the connection.
    func received(_ piece: UnsafeRawBufferPointer) -> Int32 {
        guard let wsi, !isDoomed else { return -1 }
        // The end of a chunk may be the end of a frame, and that the end of the message; lws_is_final_fragment checks
        // both.
        let step = assembler.append(
            piece, isFirst: lws_is_first_fragment(wsi) != 0, isLast: lws_is_final_fragment(wsi) != 0,
            isBinary: lws_frame_is_binary(wsi) != 0)
        switch step {
        case .partial: return 0
        case .complete(let message):
            if killAt == nil { state.deliver(message) }
            if !state.isReadingWanted, killAt == nil { read(false) }
        case .violation(let code, let reason):
            state.requestClose(code: code, reason: reason)
            applyPendingActions()
        }
        return 0
    }

    /// Writes at most one frame. Returns the callback's result: -1 closes the connection.
    ///
    /// libwebsockets allows one lws_write per WRITEABLE callback. It buffers what the kernel does not take, and the
    /// next callback comes when all of that is written (README.coding.md, "partial buffering").
    func writable() -> Int32 {
        guard let wsi, !isDoomed else { return -1 }
        guard isOpen, !isClosing else { return 0 }
        if lws_partial_buffered(wsi) != 0 {
            lws_callback_on_writable(wsi)
            return 0
        }
        state.finishWritten()
        if isPingDue {
            isPingDue = false
            pings += 1
            // libwebsockets' server role does not report pongs without payload.
            let payload = withUnsafeBytes(of: pings.bigEndian) { Array($0) }
            guard write(OutgoingFrame(.ping, payload)) else { return -1 }
        } else if let frame = state.nextFrame() {
            guard write(frame) else { return -1 }
            if lws_partial_buffered(wsi) == 0 { state.finishWritten() }
        } else if let close = state.pendingActions().close {
            isClosing = true
            state.note(close)
            var reason = CloseFrame.cut(close.reason)
            lws_close_reason(wsi, lws_close_status(UInt32(CloseFrame.sendable(close.code))), &reason, reason.count)
            return -1
        } else {
            return 0
        }
        lws_callback_on_writable(wsi)
        return 0
    }

    private func write(_ frame: OutgoingFrame) -> Bool {
        var frame = frame
        var kind =
            switch frame.kind {
            case .text: LWS_WRITE_TEXT.rawValue
            case .binary: LWS_WRITE_BINARY.rawValue
            case .continuation: LWS_WRITE_CONTINUATION.rawValue
            case .ping: LWS_WRITE_PING.rawValue
            case .close: CLWS_WRITE_CLOSE
            }
        if !frame.isFinal { kind |= LWS_WRITE_NO_FIN.rawValue }
        let count = frame.payloadCount
        let written = frame.bytes.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { lws_write(wsi, $0 + Int(CLWS_PRE), count, lws_write_protocol(kind)) } ?? -1
        }
        return written >= 0
    }

    /// A pong has arrived: postpones the silence deadline.
    func ponged() {
        let now = ContinuousClock.now
        state.noteControlFrame(now)
        if let pingPolicy { silentAt = now + pingPolicy.deadAfter }
    }

    /// Handles the peer's close frame. libwebsockets answers it and ends the connection; after one second this side
    /// drops it.
    func peerClosed(_ payload: UnsafeRawBufferPointer) {
        let (code, reason) = CloseFrame.parse(payload)
        state.note(WebSocketClose(code: code, reason: reason, how: .peer))
        killAt = killAt ?? .now + .seconds(1)
        schedule(.now)
    }

    /// Drops the connection if a deadline has passed, requests a ping if one is due, and sets the next timer.
    func timerFired() {
        let now = ContinuousClock.now
        if let killAt, killAt <= now {
            if let close = state.pendingActions().close { state.note(close) }
            return kill()
        }
        if let pingPolicy, isOpen, killAt == nil {
            if let silentAt, silentAt <= now, isReading || state.isHeld {
                let reason = "no pong for \(pingPolicy.deadAfter)"
                state.note(WebSocketClose(code: 1006, reason: reason, how: .silent))
                return kill()
            }
            if let due = nextPing, due <= now {
                nextPing = now + pingPolicy.pingEvery
                isPingDue = true
                lws_callback_on_writable(wsi)
            }
        }
        schedule(now)
    }

    /// Ends the connection without a close frame; with `reset`, by a TCP reset. Later phases of libwebsockets may
    /// overwrite this timeout, so the service thread repeats the call until the connection is gone.
    func kill(reset: Bool = false) {
        guard let wsi else { return }
        if reset {
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        }
        isDoomed = true
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC)
    }

    private func read(_ wanted: Bool) {
        guard wanted != isReading, let wsi else { return }
        isReading = wanted
        lws_rx_flow_control(wsi, wanted ? 1 : 0)
        // No pong could be read while reading was paused.
        if wanted, let pingPolicy {
            silentAt = .now + pingPolicy.deadAfter
            schedule(.now)
        }
    }

    private func schedule(_ now: ContinuousClock.Instant) {
        guard let wsi else { return }
        let silence = isReading || state.isHeld ? silentAt : nil
        guard let next = [killAt, nextPing, silence].compactMap({ $0 }).min() else { return }
        let (seconds, attoseconds) = (next - now).components
        lws_set_timer_usecs(wsi, max(1, seconds * 1_000_000 + attoseconds / 1_000_000_000_000 + 1))
    }
}
