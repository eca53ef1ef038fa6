import CPostgres
import Foundation
import NIOConcurrencyHelpers

/// Owns a `PGcancel`: where the server is and which session to stop.
///
/// `@unchecked Sendable`: the object is never changed after `PQgetCancel`, and `PQcancel` "can be called from a thread
/// that is separate from the one manipulating the PGconn object": https://www.postgresql.org/docs/15/libpq-cancel.html
final class PostgresCancelKey: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQfreeCancel(pointer) }

    /// Asks the server to stop what the session does now. Opens a connection of its own and blocks until the server has
    /// taken the request; a failure is silent, because the caller asks again.
    func send() {
        var reason = [CChar](repeating: 0, count: 256)
        _ = PQcancel(pointer, &reason, Int32(reason.count))
    }
}

/// The stop button of one job while a connection works on it.
///
/// A request that reaches the server between two statements does nothing, so it is repeated until the job has ended;
/// and a request that is still on its way when the job has ended must not hit the next one, so ``end()`` waits for it.
final class PostgresInterrupt: Sendable {
    private struct State {
        var isCancelled = false
        var hasEnded = false
        var isSending = false
    }

    private let key: PostgresCancelKey
    private let socket: Int32
    private let state = NIOLockedValueBox(State())
    /// True once the job has ended and no request is on its way.
    private let quiet = ConditionLock(value: false)

    init(_ handle: PostgresHandle) {
        key = handle.cancelKey
        socket = handle.socket
    }

    var isCancelled: Bool { state.withLockedValue { $0.isCancelled } }

    /// Stops the job: asks the server, and cuts the connection when that has not helped within `grace`. Returns at
    /// once.
    func cancel(grace: Duration) {
        let first = state.withLockedValue { state in
            defer { state.isCancelled = true }
            return !state.isCancelled && !state.hasEnded
        }
        guard first else { return }
        // PQcancel blocks, so it has a thread of its own for as long as the job resists.
        Thread.detachNewThread { self.askUntilQuiet() }
        DispatchQueue.global().asyncAfter(deadline: .now() + grace.seconds) { self.cut() }
    }

    /// The job has ended. False when a request is stuck on its way: then the connection must not be used again.
    func end() -> Bool {
        let isSending = state.withLockedValue { state in
            state.hasEnded = true
            return state.isSending
        }
        guard isSending else {
            becomeQuiet()
            return true
        }
        guard quiet.lock(whenValue: true, timeoutSeconds: 1) else { return false }
        quiet.unlock()
        return true
    }

    private func askUntilQuiet() {
        while beginSending() {
            key.send()
            let hasEnded = state.withLockedValue { state in
                state.isSending = false
                return state.hasEnded
            }
            if hasEnded { return becomeQuiet() }
            if quiet.lock(whenValue: true, timeoutSeconds: 0.25) { return quiet.unlock() }
        }
    }

    private func beginSending() -> Bool {
        state.withLockedValue { state in
            state.isSending = !state.hasEnded
            return state.isSending
        }
    }

    private func becomeQuiet() {
        quiet.lock()
        quiet.unlock(withValue: true)
    }

    /// Wakes the blocked thread with an end of file. Under the lock, because the descriptor is ours only until the end.
    private func cut() {
        state.withLockedValue { state in
            if !state.hasEnded { _ = shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }
}

extension Duration {
    /// As Foundation and Dispatch count.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
