import CCurl
import Foundation
import NIOConcurrencyHelpers

/// The one thread that touches libcurl, and the way to it: commands in an inbox, and a wake-up.
///
/// Everything of libcurl lives in a `CurlMultiHandle`, which that thread makes and keeps to itself; other threads see
/// this inbox only.
final class CurlLoop: Sendable {
    enum Command: Sendable {
        case start(HTTPExchange)
        case cancel(HTTPExchange)
        case resume(HTTPExchange)
    }

    private struct Inbox {
        var commands: [Command] = []
        /// Wakes the thread; nil before it runs and after it has cleaned up.
        var wakeup: EpollSet.Wakeup?
        var isStopping = false
        var isFinished = false
        var joiners: [CheckedContinuation<Void, Never>] = []
    }

    private let inbox = NIOLockedValueBox(Inbox())

    /// Starts the thread. It keeps the loop alive until `stop`.
    init(_ configuration: HTTPClient.Configuration) {
        let thread = Thread { [self] in run(configuration) }
        thread.name = "omni-http"
        thread.start()
    }

    /// Queues a command; false when the loop is stopping and will not look at it.
    @discardableResult
    func post(_ command: Command) -> Bool {
        inbox.withLockedValue { inbox in
            guard !inbox.isStopping else { return false }
            // The thread takes all commands at once: it was woken for the first of them.
            if inbox.commands.isEmpty { inbox.wakeup?.signal() }
            inbox.commands.append(command)
            return true
        }
    }

    /// Asks the thread to fail what runs and to end; returns at once.
    func stop() {
        inbox.withLockedValue { inbox in
            inbox.isStopping = true
            inbox.wakeup?.signal()
        }
    }

    /// Waits until the thread has let go of everything. Call after `stop`.
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
        inbox.withLockedValue { $0.wakeup = nil }  // from here on nothing can wake what is about to be freed
        multiHandle.close()
        let joiners = inbox.withLockedValue { inbox in
            inbox.isFinished = true
            defer { inbox.joiners = [] }
            return inbox.joiners
        }
        for joiner in joiners { joiner.resume() }
    }
}
