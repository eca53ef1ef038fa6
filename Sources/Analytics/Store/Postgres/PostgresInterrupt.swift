import CPostgres
import Foundation
import NIOConcurrencyHelpers

/// Owns a `PGcancel`: the server's address and the session to cancel.
///
/// `@unchecked Sendable`: the object does not change after `PQgetCancel`, and `PQcancel` "can be called from a thread
/// that is separate from the one manipulating the PGconn object"
/// (https://www.postgresql.org/docs/15/libpq-cancel.html).
final class PostgresCancelKey: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQfreeCancel(pointer) }

    /// Asks the server to cancel the session's current statement. Opens a connection of its own and blocks until the
    /// server has received the request. A failure is ignored, because the caller repeats the request.
    func send() {
        var reason = [CChar](repeating: 0, count: 256)
        _ = PQcancel(pointer, &reason, Int32(reason.count))
    }
}

/// The interrupt of one job while a connection runs it.
///
/// A request that reaches the server between two statements has no effect, so it is repeated until the job has ended. A
/// request that is in flight when the job ends must not cancel the next job's statement, so ``end()`` waits for it.
final class PostgresInterrupt: Sendable {
    private struct State {
        var isCancelled = false
        var hasEnded = false
        var isSending = false
    }

    private let key: PostgresCancelKey
    private let socket: Int32
    private let state = NIOLockedValueBox(State())
    /// True once the job has ended and no request is in flight.
    private let quiet = ConditionLock(value: false)

    init(_ handle: PostgresHandle) {
        key = handle.cancelKey
        socket = handle.socket
    }

    /// True once ``cancel(grace:)`` was called.
    var isCancelled: Bool { state.withLockedValue { $0.isCancelled } }

    /// Interrupts the job: asks the server to cancel the statement, and shuts the connection down if the job has not
    /// ended within `grace`. Returns at once.
    func cancel(grace: Duration) {
        let first = state.withLockedValue { state in
            defer { state.isCancelled = true }
            return !state.isCancelled && !state.hasEnded
        }
        guard first else { return }
        // PQcancel blocks, so it runs on a thread of its own until the job has ended.
        Thread.detachNewThread { self.askUntilQuiet() }
        DispatchQueue.global().asyncAfter(deadline: .now() + grace.seconds) { self.cut() }
    }

    /// The job has ended. False if a request is still in flight after 1 s: the connection must not be used again.
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

    /// Shuts the socket down: the blocked thread reads an end of file. Under the lock, because the descriptor belongs
    /// to this job only until it ends.
    private func cut() {
        state.withLockedValue { state in
            if !state.hasEnded { _ = shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }
}

extension Duration {
    /// The duration in seconds, for Foundation and Dispatch.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
