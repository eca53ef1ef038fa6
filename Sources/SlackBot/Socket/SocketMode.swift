import Bridge
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import Sockets

/// Hears Slack: keeps the wanted number of Socket Mode connections alive, has every envelope stored, then acknowledges
/// it. Network trouble never ends it; only shutdown does.
struct SocketMode: Service {
    let api: SlackAPI
    let loop: SocketLoop
    let liveness: Liveness
    let connections: Int
    let health: SocketHealth
    /// Stores what the envelope means; returns when it may be acknowledged. A throw leaves it unacknowledged, so that
    /// Slack delivers it again.
    let receive: @Sendable (Envelope) async throws -> Void
    let logger: Logger

    func run() async throws {
        health.want(connections)
        await withDiscardingTaskGroup { group in
            for lane in 0..<connections {
                group.addTask { await LaneRunner(mode: self, lane: lane).run() }
            }
        }
    }
}

/// How well Slack is heard, for health and `/omni-status`.
final class SocketHealth: Sendable {
    struct State: Sendable, Hashable {
        var wanted = 0
        /// Lanes with a live connection.
        var live: Set<Int> = []
        /// Slack's own count of the app's connections, from the newest hello.
        var reported: Int?
        /// What an operator must mend.
        var problem: String?
    }

    private let box = NIOLockedValueBox(State())

    var state: State { box.withLockedValue { $0 } }

    func want(_ count: Int) { box.withLockedValue { $0.wanted = count } }

    func lane(_ lane: Int, isLive: Bool) {
        box.withLockedValue { state in
            if isLive {
                state.live.insert(lane)
                state.problem = nil
            } else {
                state.live.remove(lane)
            }
        }
    }

    func reported(_ connections: Int?) {
        guard let connections else { return }
        box.withLockedValue { $0.reported = connections }
    }

    func problem(_ code: String) { box.withLockedValue { $0.problem = code } }
}

/// The shell round one ``SocketLane``: performs its actions, feeds it what happens.
private struct LaneRunner {
    let mode: SocketMode
    let lane: Int

    private enum Input: Sendable {
        case event(SocketLane.Event)
        case opened(SocketLane.ID, Socket)
    }

    private typealias Feed = AsyncStream<Input>.Continuation

    func run() async {
        // Unbounded, but fed only by this lane's few children, each with a handful of events.
        let (inputs, feed) = AsyncStream.makeStream(of: Input.self)
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                var machine = SocketLane()
                var sockets: [SocketLane.ID: Socket] = [:]
                var isStopping = false
                feed.yield(.event(.start))
                for await input in inputs {
                    let event = take(input, into: &sockets)
                    if event == .stop { isStopping = true }
                    if case .opened(let id, let socket) = input {
                        group.addTask { await read(socket, id, feed) }
                    }
                    for action in machine.handle(event, jitter: .random(in: 0...1)) {
                        perform(action, sockets, feed, in: &group)
                    }
                    mode.health.lane(lane, isLive: machine.liveID != nil)
                    if isStopping, sockets.isEmpty { break }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            feed.yield(.event(.stop))
        }
        mode.health.lane(lane, isLive: false)
    }

    private func take(_ input: Input, into sockets: inout [SocketLane.ID: Socket]) -> SocketLane.Event {
        switch input {
        case .opened(let id, let socket):
            sockets[id] = socket
            return .connected(id)
        case .event(let event):
            if case .closed(let id) = event { sockets[id] = nil }
            return event
        }
    }

    private func perform(
        _ action: SocketLane.Action, _ sockets: [SocketLane.ID: Socket], _ feed: Feed,
        in group: inout DiscardingTaskGroup
    ) {
        switch action {
        case .open(let id): group.addTask { await open(id, feed) }
        case .close(let id):
            guard let socket = sockets[id] else { return }
            group.addTask { await socket.close(code: 1000, reason: "") }
        case .schedule(let timer, let wait):
            group.addTask {
                try? await Task.sleep(for: wait)
                if !Task.isCancelled { feed.yield(.event(.timer(timer))) }
            }
        case .live(let id):
            mode.logger.info("Slack is connected.", metadata: ["lane": "\(lane)", "connection": "\(id)"])
        case .report(let code):
            mode.health.problem(code)
            mode.logger.error(
                "Slack refuses the connection; an administrator must act. It is tried again every five minutes.",
                metadata: ["code": "\(code)"])
        }
    }

    private func open(_ id: SocketLane.ID, _ feed: Feed) async {
        do {
            let url = try await mode.api.openConnection()
            let socket = try await mode.loop.connect(SocketRequest(url: url.revealed, liveness: mode.liveness))
            feed.yield(.opened(id, socket))
        } catch let error as SlackError {
            failed(id, .init(code: error.code, isFatal: error.isFatal, retryAfter: error.retryAfter), "\(error)", feed)
        } catch {
            failed(id, .init(code: "unreachable", isFatal: false, retryAfter: nil), "\(error)", feed)
        }
    }

    private func failed(_ id: SocketLane.ID, _ failure: SocketLane.Failure, _ reason: String, _ feed: Feed) {
        guard !Task.isCancelled else { return }
        mode.logger.warning(
            "Slack could not be connected.", metadata: ["lane": "\(lane)", "error": "\(reason)"])
        feed.yield(.event(.failed(id, failure)))
    }

    private func read(_ socket: Socket, _ id: SocketLane.ID, _ feed: Feed) async {
        for await message in socket.messages {
            guard case .text(let text) = message, let frame = SocketFrame(text) else { continue }
            switch frame {
            case .hello(let lifetime, let connections):
                mode.health.reported(connections)
                feed.yield(.event(.hello(id, lifetime: lifetime)))
            case .disconnect(let reason):
                mode.logger.info(
                    "Slack announces the end of a connection.",
                    metadata: ["lane": "\(lane)", "connection": "\(id)", "reason": "\(reason)"])
                feed.yield(.event(.disconnect(id, reason: reason)))
            case .envelope(let envelope): await take(envelope, from: socket)
            case .unknown: continue
            }
        }
        let closure = socket.closure
        mode.logger.info(
            "A connection to Slack ended.",
            metadata: [
                "lane": "\(lane)", "connection": "\(id)", "code": "\(closure?.code ?? 0)",
                "how": "\(closure.map { "\($0.how)" } ?? "unknown")",
            ])
        feed.yield(.event(.closed(id)))
    }

    /// Store, then acknowledge on the socket it came from, then nothing: the work goes on elsewhere.
    private func take(_ envelope: Envelope, from socket: Socket) async {
        do {
            try await mode.receive(envelope)
            try await socket.send(envelope.acknowledgement)
            FaultPoint.acknowledged.reach()
        } catch {
            mode.logger.error(
                "An envelope was not acknowledged; Slack will deliver it again.",
                metadata: ["type": "\(envelope.type)", "error": "\(error)"])
        }
    }
}
