import CCurl
import Foundation
import NIOConcurrencyHelpers

/// The one thread that runs libcurl's transfers, and the inbox through which other threads send it commands.
///
/// The thread creates a `CurlMultiHandle` and is the only one to use it; other threads use the inbox only.
final class CurlLoop: Sendable {
    /// What the thread is to do with one exchange. `resume` continues a paused transfer.
    enum Command: Sendable {
        case start(HTTPExchange)
        case cancel(HTTPExchange)
        case resume(HTTPExchange)
    }

    private struct Inbox {
        var commands: [Command] = []
        /// Wakes the thread; nil until it has started and from its clean-up on.
        var wakeup: EpollSet.Wakeup?
        var isStopping = false
        var isFinished = false
        var joiners: [CheckedContinuation<Void, Never>] = []
    }

    private let inbox = NIOLockedValueBox(Inbox())

    /// Starts the thread, which retains this object until `stop`.
    init(_ configuration: HTTPClient.Configuration) {
        let thread = Thread { [self] in run(configuration) }
        thread.name = "omni-http"
        thread.start()
    }

    /// Queues a command; false when `stop` was called and the command is dropped.
    @discardableResult
    func post(_ command: Command) -> Bool {
        inbox.withLockedValue { inbox in
            guard !inbox.isStopping else { return false }
            // The thread takes all queued commands at once, so the signal for the first is enough.
            if inbox.commands.isEmpty { inbox.wakeup?.signal() }
            inbox.commands.append(command)
            return true
        }
    }

    /// Makes the thread fail all running transfers and end; returns at once.
    func stop() {
        inbox.withLockedValue { inbox in
            inbox.isStopping = true
            inbox.wakeup?.signal()
        }
    }

    /// Returns when the thread has freed all handles and connections. Call after `stop`; cancellation has no effect.
    func join() async {
        await withCheckedContinuation { continuation in
            let isFinished = inbox.withLockedValue { inbox in
                if !inbox.isFinished { inbox.joiners.append(continuation) }
                return inbox.isFinished
            }
            if isFinished { continuation.resume() }
        }
    }

    private func run(_ configuration: HTTPClient.Configuration) {
        let multiHandle = CurlMultiHandle(configuration)
        inbox.withLockedValue { $0.wakeup = multiHandle.wakeup }
        while true {
            let (commands, isStopping) = inbox.withLockedValue { inbox in
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isStopping)
            }
            for command in commands { multiHandle.perform(command) }
            if isStopping { break }
            multiHandle.turn()
        }
        multiHandle.failAll { HTTPClient.Failure.closed($0.exchange.origin, sent: $0.isRequestSent) }
        inbox.withLockedValue { $0.wakeup = nil }  // `close` closes its file descriptor
        multiHandle.close()
        let joiners = inbox.withLockedValue { inbox in
            inbox.isFinished = true
            defer { inbox.joiners = [] }
            return inbox.joiners
        }
        for joiner in joiners { joiner.resume() }
    }
}
