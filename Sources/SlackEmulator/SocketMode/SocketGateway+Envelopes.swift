import Bridge
import Foundation
import WebSockets

extension SocketGateway {
    /// Delivers an event, and redelivers it by ``SlackTimeouts/redeliveries`` until it is acknowledged. Each attempt
    /// has a new envelope id; the event id stays the same.
    func deliver(event payload: JSONValue) async {
        for attempt in 0...options.timeouts.redeliveries.count {
            if attempt > 0 {
                do { try await Task.sleep(for: options.timeouts.redeliveries[attempt - 1]) } catch { return }
            }
            let reason: JSONValue = attempt == 0 ? "" : "timeout"
            let outcome = await deliver(
                "events_api", payload, acceptsPayload: false,
                extra: ["retry_attempt": .int(Int64(attempt)), "retry_reason": reason])
            if case .acknowledged = outcome { return }
            if Task.isCancelled { return }
            let name = payload["event"]?["type"]?.string ?? "event"
            trafficLog.note(
                .unacknowledged, name, ["event_id": payload["event_id"] ?? .null, "attempt": .int(Int64(attempt))])
        }
    }

    /// Sends an envelope on one live connection, chosen at random, and waits for the acknowledgement.
    func deliver(
        _ type: String, _ payload: JSONValue, acceptsPayload: Bool, extra: JSONObject = [:]
    ) async -> Delivery {
        let id = UUID().uuidString.lowercased()
        let (acknowledgements, feed) = AsyncStream.makeStream(of: JSONValue.self, bufferingPolicy: .bufferingOldest(1))
        let socket: WebSocket? = state.withLockedValue { state in
            guard let session = state.live.randomElement() else { return nil }
            state.pending[id] = GatewayState.Pending(
                acknowledgements: feed, session: session.socket.id, acceptsPayload: acceptsPayload, sentAt: .now,
                about: Self.about(type, payload))
            return session.socket
        }
        guard let socket else { return .undeliverable }
        defer { _ = state.withLockedValue { $0.pending.removeValue(forKey: id) } }
        var frame: JSONObject = [
            "envelope_id": .string(id), "type": .string(type), "payload": payload,
            "accepts_response_payload": .bool(acceptsPayload),
        ]
        frame.merge(extra) { $1 }
        let envelope = JSONValue.object(frame)
        let acknowledgement = await withDeadline(options.timeouts.acknowledgement) { () -> JSONValue? in
            guard await self.send(envelope, type, to: socket) else { return nil }
            for await acknowledgement in acknowledgements { return acknowledgement }
            return nil
        }
        if let acknowledgement = acknowledgement.inTime ?? nil { return .acknowledged(acknowledgement) }
        return .late
    }

    /// The event's type, channel and ts; for other envelopes their type.
    private static func about(_ type: String, _ payload: JSONValue) -> JSONValue {
        guard let event = payload["event"] else { return ["type": .string(type)] }
        return [
            "type": event["type"] ?? .null, "channel": event["channel"] ?? .null, "ts": event["ts"] ?? .null,
        ]
    }

    /// Handles a message from the app: an acknowledgement, or one that breaks the protocol, which is logged and has no
    /// effect. An envelope is acknowledged only on the connection that delivered it.
    func receive(_ message: WebSocketMessage, on socket: WebSocket) {
        guard case .text(let text) = message, let frame = try? JSONValue(parsing: text),
            let id = frame["envelope_id"]?.string
        else {
            trafficLog.note(.malformed, "frame", number(socket))
            return
        }
        let found = state.withLockedValue { state -> (GatewayState.Pending, isOwn: Bool)? in
            guard let pending = state.pending[id] else { return nil }
            let isOwn = pending.session == socket.id
            if isOwn { state.pending[id] = nil }
            return (pending, isOwn)
        }
        guard let (pending, isOwn) = found else {
            trafficLog.note(.malformed, "unknown_envelope", ["socket": .int(Int64(socket.id)), "frame": frame])
            return
        }
        let time = (ContinuousClock.now - pending.sentAt) / .microseconds(1)
        var detail: JSONObject = [
            "socket": .int(Int64(socket.id)), "frame": frame, "about": pending.about,
            "microseconds": .int(Int64(time)),
        ]
        guard isOwn else {
            // Slack does not say whether it would count (docs.slack.dev names the connection of the envelope).
            detail["delivered_on"] = .int(Int64(pending.session))
            trafficLog.note(.malformed, "other_connection", .object(detail))
            return
        }
        trafficLog.note(.received, "acknowledgement", .object(detail))
        let payload = frame["payload"] ?? .null
        if !pending.acceptsPayload, let members = payload.object, !members.isEmpty {
            trafficLog.note(.malformed, "unwanted_payload", .object(detail))
        }
        pending.acknowledgements.yield(pending.acceptsPayload ? payload : .null)
        pending.acknowledgements.finish()
    }
}
