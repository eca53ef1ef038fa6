import CWebSockets
import Foundation
import Logging
import NIOConcurrencyHelpers

/// The one thread that runs libwebsockets: one context, commands from everywhere, callbacks to ``Link``.
///
/// `@unchecked Sendable`: `shared` is locked; everything else that changes is touched by the service thread alone,
/// which `start()` creates after `init`.
final class ServiceThread: @unchecked Sendable {
    enum Command: Sendable {
        case attend(UInt64)
        case open(OpenAttempt)
        case abandon(UInt64)
        case listen(ListenOptions, CheckedContinuation<SocketServer, any Error>)
        case retire(UInt64, CheckedContinuation<[SocketCore], Never>)
        case remove(UInt64, CheckedContinuation<Void, Never>)
        case stop
    }

    /// `lws_cancel_service` is the one call that other threads may make, while the context exists (lws-service.h).
    private struct Bell: @unchecked Sendable {
        let context: OpaquePointer
    }

    private struct Shared {
        var commands: [Command] = []
        var bell: Bell?
        var nextID: UInt64 = 1
        var hasExited = false
        var exitWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let logger: Logger
    private let shared = NIOLockedValueBox(Shared())
    private var library: Library?
    var links: [UInt64: Link] = [:]
    var listeners: [UInt64: Listener] = [:]
    /// Accepted connections from their first byte on.
    var arrivals: [OpaquePointer: Listener] = [:]
    private var stopAt: ContinuousClock.Instant?

    init(logger: Logger) { self.logger = logger }

    func start(caFile: String?) throws(SocketError) {
        let library = try Library(user: Unmanaged.passUnretained(self).toOpaque(), caFile: caFile)
        self.library = library
        shared.withLockedValue { $0.bell = Bell(context: library.context) }
        let thread = Thread { self.run() }
        thread.name = "sockets"
        thread.start()
    }

    func newID() -> UInt64 {
        shared.withLockedValue { shared in
            defer { shared.nextID += 1 }
            return shared.nextID
        }
    }

    /// Hands a command over; false when the thread has ended, and then the command is not kept.
    @discardableResult
    func post(_ command: Command) -> Bool {
        shared.withLockedValue { shared in
            guard !shared.hasExited else { return false }
            shared.commands.append(command)
            // Inside the lock, so that the context cannot go away between; it writes to an eventfd and never waits.
            if shared.commands.count == 1, let bell = shared.bell { lws_cancel_service(bell.context) }
            return true
        }
    }

    /// Waits for the thread's end without blocking the calling thread.
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
        guard let library else { return }
        // Commands are done between two rounds, never inside a callback, where the library would be half-way through
        // its own lists.
        while !isFinished, lws_service(library.context, 0) >= 0 {
            _ = LwsLog.take()
            for command in takeCommands() { perform(command, library) }
            for link in links.values where link.isDoomed { link.kill() }
        }
        exit(library)
    }

    private var isFinished: Bool {
        guard let stopAt else { return false }
        return links.isEmpty || .now >= stopAt
    }

    private func takeCommands() -> [Command] {
        shared.withLockedValue { shared in
            defer { shared.commands = [] }
            return shared.commands
        }
    }

    private func exit(_ library: Library) {
        shared.withLockedValue { $0.bell = nil }
        self.library = nil
        library.destroy()
        for link in Array(links.values) { ended(link) }
        for listener in listeners.values {
            listener.finish()
            for waiter in listener.removals { waiter.resume() }
        }
        listeners = [:]
        _ = LwsLog.take()
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
        case .listen(_, let waiter): waiter.resume(throwing: SocketError(.closed, "the socket loop is shut down"))
        case .retire(_, let waiter): waiter.resume(returning: [])
        case .remove(_, let waiter): waiter.resume()
        case .attend, .abandon, .stop: break
        }
    }
}

extension ServiceThread {
    private func perform(_ command: Command, _ library: Library) {
        switch command {
        case .attend(let id):
            links[id]?.attend()
        case .open(let attempt):
            stopAt == nil ? open(attempt, library) : refuse(command)
        case .abandon(let id):
            links.values.first { $0.attempt?.id == id && !$0.isOpen }?.kill()
        case .listen(let options, let waiter):
            stopAt == nil ? waiter.resume(with: Result { try listen(options, library) }) : refuse(command)
        case .retire(let id, let waiter):
            waiter.resume(returning: retire(id))
        case .remove(let id, let waiter):
            remove(id, waiter)
        case .stop:
            stop()
        }
    }

    private func open(_ attempt: OpenAttempt, _ library: Library) {
        guard !attempt.isSettled else { return }
        let link = Link(core: SocketCore(id: newID(), service: self), attempt: attempt)
        links[link.core.id] = link
        if let wsi = library.connect(link, attempt) {
            if links[link.core.id] != nil { link.wsi = wsi }
        } else {
            attempt.fail(.refused, "no connection")
            ended(link)
        }
    }

    /// Says goodbye to open connections and drops those that are still being made.
    func leave(_ link: Link) {
        if link.isOpen {
            link.core.requestClose(code: 1001, reason: "")
            link.attend()
        } else {
            link.attempt?.fail(.closed, "the socket loop is shut down")
            link.kill()
        }
    }

    private func stop() {
        guard stopAt == nil else { return }
        stopAt = .now + .seconds(2)
        for listener in listeners.values { listener.finish() }
        for link in Array(links.values) { leave(link) }
    }

    /// A connection is gone for good. Idempotent.
    func ended(_ link: Link) {
        guard links.removeValue(forKey: link.core.id) != nil else { return }
        link.wsi = nil
        link.attempt?.fail(.closed, "the connection was closed during the handshake")
        link.core.end()
        // The last one may end in a timer, just before the library goes to sleep.
        if stopAt != nil, links.isEmpty, let library { lws_cancel_service(library.context) }
        if link.isOpen, let closure = link.core.closure {
            logger.debug(
                "socket closed",
                metadata: ["socket": "\(link.core.id)", "code": "\(closure.code)", "how": "\(closure.how)"])
        }
    }
}
