import Bridge
import WebSockets

extension SocketGateway {
    /// Applies a fault to open connections and returns their number.
    @discardableResult
    func inflict(_ fault: SocketFault, on selector: ConnectionSelector) async -> Int {
        let open = state.withLockedValue { $0.sessions.values.map(\.socket) }
        let hit = selector == .all ? open : open.randomElement().map { [$0] } ?? []
        await withDiscardingTaskGroup { group in
            for socket in hit { group.addTask { await self.inflict(fault, on: socket) } }
        }
        return hit.count
    }

    private func inflict(_ fault: SocketFault, on socket: WebSocket) async {
        switch fault {
        case .drop: socket.abort()
        case .stall: socket.stopReading()
        case .warn: await end(socket, reason: "warning")
        case .refresh: await end(socket, reason: "refresh_requested")
        case .disable:
            await notice("link_disabled", to: socket)
            await socket.close(code: 1000, reason: "link_disabled")
        case .close(let code): await socket.close(code: code)
        case .badFrames: await sendBadFrames(to: socket)
        }
    }

    private func end(_ socket: WebSocket, reason: String) async {
        await notice(reason, to: socket)
        try? await Task.sleep(for: options.timeouts.closeAfterNotice)
        await socket.close(code: 1000, reason: reason)
    }

    private func sendBadFrames(to socket: WebSocket) async {
        let frames = [
            "UNAUTHENTICATED: cache_error", "[1,2,3]", #"{"type":"nobody_knows"}"#, "{\"type\":\"events_api\"",
            #"{"type":"events_api","envelope_id":"bad-1","payload":{"type":"app_rate_limited","team_id":"T0ACME"}}"#,
        ]
        for frame in frames {
            trafficLog.note(.sent, "bad_frame", ["socket": .int(Int64(socket.id))])
            try? await socket.send(frame)
        }
        try? await socket.send([0, 1, 2, 255])
    }

    /// While true, new connections get no `hello`.
    func withholdHello(_ isWithheld: Bool) { state.withLockedValue { $0.withholdsHello = isWithheld } }

    /// Refuses the next `times` upgrades with this status.
    func refuseUpgrades(status: Int, times: Int) {
        state.withLockedValue { $0.refusals = times > 0 ? (status, times) : nil }
    }

    /// The number of Socket Mode URLs that the app has requested and not used, and that have not expired.
    var unusedURLs: Int { state.withLockedValue { $0.tickets.values.count { $0 > .now } } }

    /// Each open connection: its number, whether it has received `hello`, and the seconds since its last pong.
    var socketsJSON: JSONValue {
        let sessions = state.withLockedValue { $0.sessions.values.sorted { $0.socket.id < $1.socket.id } }
        return .array(
            sessions.map { session in
                let silence = ContinuousClock.now - session.socket.lastControlFrame
                return [
                    "number": .int(Int64(session.socket.id)), "live": .bool(session.isLive),
                    "silent_seconds": .int(silence.components.seconds),
                ]
            })
    }

    /// The number of open connections, and of those that have received `hello`.
    var connections: (open: Int, live: Int) {
        state.withLockedValue { ($0.sessions.count, $0.live.count) }
    }
}
