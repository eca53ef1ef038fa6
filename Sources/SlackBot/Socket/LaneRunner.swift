import Bridge
import Foundation
import Logging
import ServiceLifecycle
import Sockets

/// The shell round one ``SocketLane``: performs its actions, feeds it what happens.
struct LaneRunner: Sendable {
    private let mode: SocketMode
    private let lane: Int
    // Unbounded, but fed only by this lane's few children, each with a handful of events.
    private let inputs: AsyncStream<Input>
    private let feed: Feed

    init(mode: SocketMode, lane: Int) {
        self.mode = mode
        self.lane = lane
        (inputs, feed) = AsyncStream.makeStream(of: Input.self)
    }

    private enum Input: Sendable {
        case event(SocketLane.Event)
        case opened(SocketLane.ID, Socket)
        case hello(SocketLane.ID, lifetime: Int?, connections: Int?)
    }

    private typealias Feed = AsyncStream<Input>.Continuation

    func tell(_ event: SocketLane.Event) { feed.yield(.event(event)) }

    func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                var machine = SocketLane()
                var sockets: [SocketLane.ID: Socket] = [:]
                var isStopping = false
                feed.yield(.event(.start))
                for await input in inputs {
                    let (proven, isSilent) = lastSign(input, sockets)
                    let event = take(input, into: &sockets)
                    if event == .stop { isStopping = true }
                    if case .opened(let id, let socket) = input {
                        group.addTask { await read(socket, id, feed) }
                    }
                    for action in machine.handle(event, jitter: .random(in: 0...1)) {
                        perform(action, sockets, feed, in: &group)
                    }
                    mode.changed(
                        mode.health.lane(lane, isLive: machine.liveID != nil, open: sockets.count, proven: proven))
                    if isSilent { mode.changed(mode.health.wasSilent(since: proven)) }
                    if case .hello(_, _, let connections?) = input { mode.changed(mode.health.counted(connections)) }
                    if isStopping, sockets.isEmpty { break }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            feed.yield(.event(.stop))
        }
        _ = mode.health.lane(lane, isLive: false, open: 0, proven: Date())
    }

    /// Until when the connection that an input is about was known to be alive, and whether it ended by its silence.
    private func lastSign(_ input: Input, _ sockets: [SocketLane.ID: Socket]) -> (Date, isSilent: Bool) {
        guard case .event(.closed(let id)) = input, let socket = sockets[id] else { return (Date(), false) }
        let silence = (ContinuousClock.now - socket.lastControlFrame) / .seconds(1)
        return (Date().addingTimeInterval(-silence), socket.closure?.how == .silent)
    }

    private func take(_ input: Input, into sockets: inout [SocketLane.ID: Socket]) -> SocketLane.Event {
        switch input {
        case .opened(let id, let socket):
            sockets[id] = socket
            return .connected(id)
        case .hello(let id, let lifetime, _): return .hello(id, lifetime: lifetime)
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
                feed.yield(.hello(id, lifetime: lifetime, connections: connections))
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
        let arrival = ContinuousClock.now
        mode.health.heard(envelope)
        do {
            try await mode.receive(envelope)
            try await socket.send(envelope.acknowledgement)
            mode.health.acknowledged(after: ContinuousClock.now - arrival)
            FaultPoint.acknowledged.reach()
        } catch {
            mode.logger.error(
                "An envelope was not acknowledged; Slack will deliver it again.",
                metadata: ["type": "\(envelope.type)", "error": "\(error)"])
        }
    }
}
