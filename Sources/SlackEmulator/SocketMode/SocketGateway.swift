import Bridge
import Foundation
import Logging
import NIOConcurrencyHelpers
import WebSockets

/// The server side of Socket Mode: tickets, connections, envelopes and their acknowledgements.
final class SocketGateway: Sendable {
    /// The longest message from the app in bytes; a longer one closes the connection with 1009 (slackapi/slax#614).
    static let frameLimit = 20_480
    /// The number of concurrent connections of an app (docs.slack.dev, Using Socket Mode).
    static let connectionLimit = 10

    let options: EmulatorOptions
    let state = NIOLockedValueBox(GatewayState())
    let trafficLog: TrafficLog
    private let workspace: Workspace
    private let logger: Logger

    init(options: EmulatorOptions, workspace: Workspace, trafficLog: TrafficLog, logger: Logger) {
        self.options = options
        self.workspace = workspace
        self.trafficLog = trafficLog
        self.logger = logger
    }

    /// A new Socket Mode URL, valid for one connection.
    func connectionURL() -> String {
        let ticket = UUID().uuidString.lowercased()
        let port = state.withLockedValue { state in
            state.tickets[ticket] = .now + options.timeouts.ticket
            return state.port
        }
        return "ws://127.0.0.1:\(port)/link/?ticket=\(ticket)&app_id=\(options.appID.lowercased())"
    }

    /// Serves until the task is cancelled; calls `ready` with the port once it listens.
    ///
    /// - Throws: ``WebSocketError``.
    func run(ready: @Sendable (Int) -> Void) async throws {
        let loop = try WebSocketEventLoop(logger: logger)
        do {
            let server = try await loop.listen(
                ListenOptions(maxMessageBytes: Self.frameLimit, onUpgrade: { [self] request in decide(on: request) }))
            state.withLockedValue { $0.port = server.port }
            ready(server.port)
            await withDiscardingTaskGroup { group in
                group.addTask { await self.accept(server) }
                group.addTask { await self.deliverEvents() }
            }
            await server.close()
        } catch {
            await loop.shutdown()
            throw error
        }
        await loop.shutdown()
    }

    /// Accepts an upgrade with a valid ticket, once per ticket. Called on the service thread.
    private func decide(on request: UpgradeRequest) -> UpgradeDecision {
        let refusal: (status: Int, reason: String)? = state.withLockedValue { state in
            if let refusals = state.refusals {
                state.refusals = refusals.times > 1 ? (refusals.status, refusals.times - 1) : nil
                return (refusals.status, "fault")
            }
            guard request.path.hasPrefix("/link") else { return (404, "path") }
            guard let ticket = request.query["ticket"], let end = state.tickets.removeValue(forKey: ticket) else {
                return (401, "ticket")
            }
            return end > .now ? nil : (401, "expired")
        }
        guard let refusal else { return .accept }
        trafficLog.note(.refused, refusal.reason, ["status": .int(Int64(refusal.status))])
        return .refuse(refusal.status)
    }

    private func accept(_ server: WebSocketServer) async {
        await withDiscardingTaskGroup { group in
            for await accepted in server.connections {
                group.addTask { await self.serve(accepted.socket) }
            }
            group.cancelAll()
        }
    }

    private func serve(_ socket: WebSocket) async {
        let (isFull, count, withholdsHello) = state.withLockedValue { state in
            let isFull = state.sessions.count >= Self.connectionLimit
            if !isFull { state.sessions[socket.id] = GatewayState.Session(socket: socket) }
            return (isFull, state.sessions.count, state.withholdsHello)
        }
        trafficLog.note(.opened, isFull ? "too_many_websockets" : "connection", number(socket))
        guard !isFull else {
            await notice("too_many_websockets", to: socket)
            await socket.close(code: 1000, reason: "too_many_websockets")
            return
        }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.ping(socket) }
            if !withholdsHello { await hello(socket, connections: count) }
            for await message in socket.messages { receive(message, on: socket) }
            group.cancelAll()
        }
        _ = state.withLockedValue { $0.sessions.removeValue(forKey: socket.id) }
        let closeStatus = socket.closeStatus
        trafficLog.note(
            .closed, closeStatus.map { "\($0.how)" } ?? "cancelled",
            ["socket": .int(Int64(socket.id)), "code": .int(Int64(closeStatus?.code ?? 0))])
    }

    private func hello(_ socket: WebSocket, connections: Int) async {
        let frame: JSONValue = [
            "type": "hello", "num_connections": .int(Int64(connections)),
            "connection_info": ["app_id": .string(options.appID)],
            "debug_info": [
                "host": "applink-emulator", "build_number": 1,
                "approximate_connection_time": .int(
                    max(1, options.timeouts.approximateConnectionTime.components.seconds)),
            ],
        ]
        guard await send(frame, "hello", to: socket) else { return }
        state.withLockedValue { $0.sessions[socket.id]?.isLive = true }
        workspace.notify()
    }

    private func ping(_ socket: WebSocket) async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: options.timeouts.pingEvery)
                try await socket.sendPing(Array("Ping from applink-emulator".utf8))
            } catch { return }
        }
    }

    /// Sends a `disconnect` message with this reason.
    func notice(_ reason: String, to socket: WebSocket) async {
        let frame: JSONValue = [
            "type": "disconnect", "reason": .string(reason), "debug_info": ["host": "applink-emulator"],
        ]
        _ = await send(frame, "disconnect", to: socket)
    }

    /// Sends a message and logs it; false when the connection has ended.
    func send(_ frame: JSONValue, _ name: String, to socket: WebSocket) async -> Bool {
        trafficLog.note(.sent, name, ["socket": .int(Int64(socket.id)), "frame": frame])
        do {
            try await socket.send(frame.text())
            return true
        } catch {
            return false
        }
    }

    func number(_ socket: WebSocket) -> JSONValue { ["socket": .int(Int64(socket.id))] }

    private func deliverEvents() async {
        await withDiscardingTaskGroup { group in
            for await payload in workspace.events {
                group.addTask { await self.deliver(event: payload) }
            }
            group.cancelAll()
        }
    }
}
