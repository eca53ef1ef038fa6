import Bridge
import Sockets

/// Which connections a fault hits.
package enum Which: Sendable, Hashable {
    case all
    /// Any one of them.
    case one
}

/// Something that goes wrong with open connections, or with those to come.
package enum SocketFault: Sendable, Hashable {
    /// The TCP connection is reset.
    case drop
    /// Half-open: nothing is read any more, so pings stay unanswered, but the connection stays.
    case stall
    /// `disconnect` with `warning`, and the end some seconds later.
    case warn
    /// `disconnect` with `refresh_requested`, and the end some seconds later.
    case refresh
    /// `disconnect` with `link_disabled`, and the end at once.
    case disable
    /// A close frame with this code.
    case close(Int)
    /// Frames that a client must survive: words, an unknown type, an envelope without an event, no object, binary.
    case badFrames
}

extension SocketGateway {
    /// Does it to the open connections; gives how many were hit.
    @discardableResult
    func inflict(_ fault: SocketFault, on which: Which) async -> Int {
        let open = state.withLockedValue { $0.sessions.values.map(\.socket) }
        let hit = which == .all ? open : open.randomElement().map { [$0] } ?? []
        await withDiscardingTaskGroup { group in
            for socket in hit { group.addTask { await self.inflict(fault, on: socket) } }
        }
        return hit.count
    }

    private func inflict(_ fault: SocketFault, on socket: Socket) async {
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

    private func end(_ socket: Socket, reason: String) async {
        await notice(reason, to: socket)
        try? await Task.sleep(for: options.deadlines.closeAfterNotice)
        await socket.close(code: 1000, reason: reason)
    }

    private func sendBadFrames(to socket: Socket) async {
        let frames = [
            "UNAUTHENTICATED: cache_error", "[1,2,3]", #"{"type":"nobody_knows"}"#, "{\"type\":\"events_api\"",
            #"{"type":"events_api","envelope_id":"bad-1","payload":{"type":"app_rate_limited","team_id":"T0ACME"}}"#,
        ]
        for frame in frames {
            journal.note(.sent, "bad_frame", ["socket": .int(Int64(socket.id))])
            try? await socket.send(frame)
        }
        try? await socket.send([0, 1, 2, 255])
    }

    /// From now on no connection gets its `hello`, or again every one.
    func withholdHello(_ isWithheld: Bool) { state.withLockedValue { $0.withholdsHello = isWithheld } }

    /// The next upgrades are refused with this status.
    func refuseUpgrades(status: Int, times: Int) {
        state.withLockedValue { $0.refusals = times > 0 ? (status, times) : nil }
    }

    /// URLs that the app asked for and has not dialled yet.
    var unusedURLs: Int { state.withLockedValue { $0.tickets.values.count { $0 > .now } } }

    /// Each open connection: its number, whether it got its `hello`, and the seconds since it last answered a ping.
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

    /// How many connections are open, and how many of them got their `hello`.
    var connections: (open: Int, live: Int) {
        state.withLockedValue { ($0.sessions.count, $0.live.count) }
    }
}
