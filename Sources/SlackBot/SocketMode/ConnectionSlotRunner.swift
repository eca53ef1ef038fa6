import Bridge
import Foundation
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import WebSockets

/// The driver of one ``ConnectionSlot``: performs its actions and sends it the events.
struct ConnectionSlotRunner: Sendable {
    private let mode: SocketModeService
    private let slot: Int
    // Unbounded, but only the few child tasks of this slot send to it, a handful of events each.
    private let inputs: AsyncStream<Input>
    private let feed: Feed
    /// The connections that this process closes.
    private let closing = NIOLockedValueBox<Set<ConnectionSlot.ID>>([])

    init(mode: SocketModeService, slot: Int) {
        self.mode = mode
        self.slot = slot
        (inputs, feed) = AsyncStream.makeStream(of: Input.self)
    }

    private enum Input: Sendable {
        case event(ConnectionSlot.Event)
        case opened(ConnectionSlot.ID, WebSocket)
        case hello(ConnectionSlot.ID, lifetime: Int?, connections: Int?)
    }

    private typealias Feed = AsyncStream<Input>.Continuation

    func send(_ event: ConnectionSlot.Event) { feed.yield(.event(event)) }

    /// Runs the slot until it is stopped (``ConnectionSlot/Event/stop`` or graceful shutdown) and its connections have
    /// ended.
    func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                var machine = ConnectionSlot()
                var sockets: [ConnectionSlot.ID: WebSocket] = [:]
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
                        mode.health.slot(slot, isLive: machine.liveID != nil, open: sockets.count, proven: proven))
                    if isSilent { mode.changed(mode.health.wasSilent(since: proven)) }
                    if case .hello(_, _, let connections?) = input { mode.changed(mode.health.counted(connections)) }
                    if isStopping, sockets.isEmpty { break }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            feed.yield(.event(.stop))
        }
        _ = mode.health.slot(slot, isLive: false, open: 0, proven: Date())
    }

    /// The time until which the connection of an input is known to have been alive (now, unless the input is its end),
    /// and whether it ended because no pong arrived.
    private func lastSign(_ input: Input, _ sockets: [ConnectionSlot.ID: WebSocket]) -> (Date, isSilent: Bool) {
        guard case .event(.closed(let id)) = input, let socket = sockets[id] else { return (Date(), false) }
        let silence = (ContinuousClock.now - socket.lastControlFrame) / .seconds(1)
        return (Date().addingTimeInterval(-silence), socket.closeStatus?.how == .silent)
    }

    private func take(_ input: Input, into sockets: inout [ConnectionSlot.ID: WebSocket]) -> ConnectionSlot.Event {
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
        _ action: ConnectionSlot.Action, _ sockets: [ConnectionSlot.ID: WebSocket], _ feed: Feed,
        in group: inout DiscardingTaskGroup
    ) {
        switch action {
        case .open(let id): group.addTask { await open(id, feed) }
        case .close(let id):
            guard let socket = sockets[id] else { return }
            _ = closing.withLockedValue { $0.insert(id) }
            group.addTask { await socket.close(code: 1000, reason: "") }
        case .schedule(let timer, let wait):
            group.addTask {
                try? await Task.sleep(for: wait)
                if !Task.isCancelled { feed.yield(.event(.timer(timer))) }
            }
        case .live(let id):
            mode.logger.info("Slack is connected.", metadata: ["slot": "\(slot)", "connection": "\(id)"])
        case .report(let code):
            mode.health.problem(code)
            mode.logger.error(
                "Slack refuses the connection; an administrator must act. It is tried again every five minutes.",
                metadata: ["code": "\(code)"])
        }
    }

    private func open(_ id: ConnectionSlot.ID, _ feed: Feed) async {
        do {
            let url = try await mode.api.openConnection()
            let socket = try await mode.loop.connect(WebSocketRequest(url: url.revealed, pingPolicy: mode.pingPolicy))
            feed.yield(.opened(id, socket))
        } catch let error as SlackError {
            failed(id, .init(code: error.code, isFatal: error.isFatal, retryAfter: error.retryAfter), "\(error)", feed)
        } catch {
            failed(id, .init(code: "unreachable", isFatal: false, retryAfter: nil), "\(error)", feed)
        }
    }

    private func failed(_ id: ConnectionSlot.ID, _ failure: ConnectionSlot.Failure, _ reason: String, _ feed: Feed) {
        guard !Task.isCancelled else { return }
        mode.logger.warning(
            "Slack could not be connected.", metadata: ["slot": "\(slot)", "error": "\(reason)"])
        feed.yield(.event(.failed(id, failure)))
    }

    private func read(_ socket: WebSocket, _ id: ConnectionSlot.ID, _ feed: Feed) async {
        for await message in socket.messages {
            guard case .text(let text) = message, let frame = SocketModeMessage(text) else { continue }
            switch frame {
            case .hello(let lifetime, let connections):
                feed.yield(.hello(id, lifetime: lifetime, connections: connections))
            case .disconnect(let reason):
                mode.logger.info(
                    "Slack announces the end of a connection.",
                    metadata: ["slot": "\(slot)", "connection": "\(id)", "reason": "\(reason)"])
                feed.yield(.event(.disconnect(id, reason: reason)))
            case .envelope(let envelope): await take(envelope, from: socket, id)
            case .unknown: continue
            }
        }
        let closeStatus = socket.closeStatus
        mode.logger.info(
            "A connection to Slack ended.",
            metadata: [
                "slot": "\(slot)", "connection": "\(id)", "code": "\(closeStatus?.code ?? 0)",
                "how": "\(closeStatus.map { "\($0.how)" } ?? "unknown")",
            ])
        feed.yield(.event(.closed(id)))
    }

    /// Has the envelope handled, then acknowledges it on the connection that it came from, or not at all when that has
    /// ended: Slack then delivers it again. The question is worked on elsewhere.
    private func take(_ envelope: Envelope, from socket: WebSocket, _ id: ConnectionSlot.ID) async {
        let arrival = ContinuousClock.now
        mode.health.received(envelope)
        do {
            let (frame, omission) = try await mode.receive(envelope).frame(for: envelope)
            if let omission {
                mode.logger.error(
                    "An acknowledgement was sent without its payload.",
                    metadata: ["type": "\(envelope.type)", "reason": "\(omission)"])
            }
            try await socket.send(frame)
            mode.health.acknowledged(after: ContinuousClock.now - arrival)
            Failpoint.acknowledged.reach()
        } catch {
            let isClosing = closing.withLockedValue { $0.contains(id) }
            mode.logger.log(
                level: Self.level(of: error, isClosing: isClosing),
                "An envelope was not acknowledged; Slack will deliver it again.",
                metadata: ["type": "\(envelope.type)", "error": "\(error)"])
        }
    }

    /// How an envelope without acknowledgement is logged. Slack sends on a connection until it has read the close
    /// frame, so that one which this process closes, as at every stop, may bring envelopes that can no longer be
    /// acknowledged on it.
    static func level(of error: any Error, isClosing: Bool) -> Logger.Level {
        guard let error = error as? WebSocketError, error.code == .closed else { return .error }
        return isClosing ? .info : .warning
    }
}
