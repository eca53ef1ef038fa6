import CWebSockets
import Foundation
import Logging
import NIOConcurrencyHelpers

/// The thread that runs libwebsockets. It has one context, takes commands from any task, and passes callbacks to
/// ``LWSConnection``.
///
/// `@unchecked Sendable`: `shared` has a lock; all other mutable state is used by the service thread only, which
/// `start()` creates after `init`.
final class ServiceThread: @unchecked Sendable {
    /// What tasks request of the service thread.
    enum Command: Sendable {
        case applyPendingActions(UInt64)
        case open(ConnectAttempt)
        case abandon(UInt64)
        case listen(ListenOptions, CheckedContinuation<WebSocketServer, any Error>)
        case retire(UInt64, CheckedContinuation<[ConnectionState], Never>)
        case remove(UInt64, CheckedContinuation<Void, Never>)
        case stop
    }

    /// `lws_cancel_service` is the only call that other threads may make, while the context exists (lws-service.h).
    private struct Wakeup: @unchecked Sendable {
        let context: OpaquePointer
    }

    private struct Shared {
        var commands: [Command] = []
        var wakeup: Wakeup?
        var nextID: UInt64 = 1
        var hasExited = false
        var exitWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let logger: Logger
    private let shared = NIOLockedValueBox(Shared())
    /// Nil before `start()` and after the thread's exit.
    private var lws: LWSContext?
    var connections: [UInt64: LWSConnection] = [:]
    var listeners: [UInt64: Listener] = [:]
    /// The listener of each accepted connection, from accept until it is destroyed.
    var arrivals: [OpaquePointer: Listener] = [:]
    /// When the thread exits although connections remain; nil before a stop was requested.
    private var stopAt: ContinuousClock.Instant?

    init(logger: Logger) { self.logger = logger }

    /// Creates the context and starts the thread.
    ///
    /// - Throws: ``WebSocketError``, as ``LWSContext`` does.
    func start(caFile: String?) throws(WebSocketError) {
        let lws = try LWSContext(user: Unmanaged.passUnretained(self).toOpaque(), caFile: caFile)
        self.lws = lws
        shared.withLockedValue { $0.wakeup = Wakeup(context: lws.context) }
        let thread = Thread { self.run() }
        thread.name = "sockets"
        thread.start()
    }

    /// A number that is unique among this thread's connections, attempts and listeners.
    func newID() -> UInt64 {
        shared.withLockedValue { shared in
            defer { shared.nextID += 1 }
            return shared.nextID
        }
    }

    /// Queues a command and wakes the thread. False if the thread has exited; then the command is not queued.
    @discardableResult
    func post(_ command: Command) -> Bool {
        shared.withLockedValue { shared in
            guard !shared.hasExited else { return false }
            shared.commands.append(command)
            // Inside the lock, so that the context cannot be destroyed in between. The call writes to an eventfd and
            // does not block.
            if shared.commands.count == 1, let wakeup = shared.wakeup { lws_cancel_service(wakeup.context) }
            return true
        }
    }

    /// Waits until the thread has exited. Does not react to cancellation.
    func waitForExit() async {
        await withCheckedContinuation { waiter in
            let hasExited = shared.withLockedValue { shared in
                if !shared.hasExited { shared.exitWaiters.append(waiter) }
                return shared.hasExited
            }
            if hasExited { waiter.resume() }
        }
    }

    private func run() {
        guard let lws else { return }
        // Commands run between two calls of lws_service, never inside a callback, where libwebsockets iterates over its
        // lists.
        while !isFinished, lws_service(lws.context, 0) >= 0 {
            _ = LWSLog.take()
            for command in takeCommands() { perform(command, lws) }
            for connection in connections.values where connection.isDoomed { connection.kill() }
        }
        exit(lws)
    }

    private var isFinished: Bool {
        guard let stopAt else { return false }
        return connections.isEmpty || .now >= stopAt
    }

    private func takeCommands() -> [Command] {
        shared.withLockedValue { shared in
            defer { shared.commands = [] }
            return shared.commands
        }
    }

    private func exit(_ lws: LWSContext) {
        shared.withLockedValue { $0.wakeup = nil }
        self.lws = nil
        lws.destroy()
        for connection in Array(connections.values) { ended(connection) }
        for listener in listeners.values {
            listener.finish()
            for waiter in listener.removals { waiter.resume() }
        }
        listeners = [:]
        _ = LWSLog.take()
        let (late, waiters) = shared.withLockedValue { shared in
            shared.hasExited = true
            defer { (shared.commands, shared.exitWaiters) = ([], []) }
            return (shared.commands, shared.exitWaiters)
        }
        for command in late { refuse(command) }
        for waiter in waiters { waiter.resume() }
    }

    private func refuse(_ command: Command) {
        switch command {
        case .open(let attempt): attempt.fail(.closed, "the socket loop is shut down")
        case .listen(_, let waiter): waiter.resume(throwing: WebSocketError(.closed, "the socket loop is shut down"))
        case .retire(_, let waiter): waiter.resume(returning: [])
        case .remove(_, let waiter): waiter.resume()
        case .applyPendingActions, .abandon, .stop: break
        }
    }
}

extension ServiceThread {
    private func perform(_ command: Command, _ lws: LWSContext) {
        switch command {
        case .applyPendingActions(let id):
            connections[id]?.applyPendingActions()
        case .open(let attempt):
            stopAt == nil ? open(attempt, lws) : refuse(command)
        case .abandon(let id):
            connections.values.first { $0.attempt?.id == id && !$0.isOpen }?.kill()
        case .listen(let options, let waiter):
            stopAt == nil ? waiter.resume(with: Result { try listen(options, lws) }) : refuse(command)
        case .retire(let id, let waiter):
            waiter.resume(returning: retire(id))
        case .remove(let id, let waiter):
            remove(id, waiter)
        case .stop:
            stop()
        }
    }

    private func open(_ attempt: ConnectAttempt, _ lws: LWSContext) {
        guard !attempt.isSettled else { return }
        let connection = LWSConnection(state: ConnectionState(id: newID(), service: self), attempt: attempt)
        connections[connection.state.id] = connection
        if let wsi = lws.connect(connection, attempt) {
            if connections[connection.state.id] != nil { connection.wsi = wsi }
        } else {
            attempt.fail(.refused, "no connection")
            ended(connection)
        }
    }

    /// Requests a close with 1001 if the connection is open, else fails its attempt and drops it.
    func leave(_ connection: LWSConnection) {
        if connection.isOpen {
            connection.state.requestClose(code: 1001, reason: "")
            connection.applyPendingActions()
        } else {
            connection.attempt?.fail(.closed, "the socket loop is shut down")
            connection.kill()
        }
    }

    private func stop() {
        guard stopAt == nil else { return }
        stopAt = .now + .seconds(2)
        for listener in listeners.values { listener.finish() }
        for connection in Array(connections.values) { leave(connection) }
    }

    /// Removes a connection that has ended and resumes all tasks that wait for it. Idempotent.
    func ended(_ connection: LWSConnection) {
        guard connections.removeValue(forKey: connection.state.id) != nil else { return }
        connection.wsi = nil
        connection.attempt?.fail(.closed, "the connection was closed during the handshake")
        connection.state.end()
        // The last connection may end in a timer, just before lws_service blocks in poll: wake it, so that `run` sees
        // the end.
        if stopAt != nil, connections.isEmpty, let lws { lws_cancel_service(lws.context) }
        if connection.isOpen, let closeStatus = connection.state.closeStatus {
            logger.debug(
                "socket closed",
                metadata: [
                    "socket": "\(connection.state.id)", "code": "\(closeStatus.code)", "how": "\(closeStatus.how)",
                ])
        }
    }
}
