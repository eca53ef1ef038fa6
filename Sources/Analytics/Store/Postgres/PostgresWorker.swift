import Dispatch
import Foundation
import Logging

/// One thread of the pool: maintains one connection and runs jobs on it.
struct PostgresWorker: Sendable {
    let queue: PostgresJobQueue
    let configuration: PostgresConfiguration
    /// Signalled by the queue when there is a job; the idle worker waits on it.
    private let semaphore = DispatchSemaphore(value: 0)

    init(queue: PostgresJobQueue, configuration: PostgresConfiguration) {
        self.queue = queue
        self.configuration = configuration
    }

    /// Starts the thread; `number` is part of its name.
    func start(number: Int) {
        let thread = Thread { run() }
        thread.name = "postgres-\(number)"
        thread.start()
    }

    private func run() {
        while let (connection, generation) = connect() {
            if queue.connected() { configuration.logger.info("PostgreSQL is back", metadata: place) }
            let goesOn = serve(connection, generation)
            queue.disconnected()
            guard goesOn else { break }
        }
        queue.threadEnded()
    }

    /// Connects, with growing pauses between attempts; nil if the pool is closing. The second value is the connection's
    /// generation, see ``PostgresJobQueue/generation``.
    private func connect() -> (PostgresConnection, Int)? {
        var failures = 0
        while !queue.isClosing {
            let generation = queue.generation
            do throws(StoreError) {
                let handle = try PostgresHandle(
                    connectingTo: configuration.target, timeout: configuration.connectTimeout,
                    logger: configuration.logger, unless: { queue.isClosing })
                return (try PostgresConnection(handle, configuration: configuration), generation)
            } catch {
                guard error.code != .closed else { return nil }
                failures += 1
                report(error, isFirst: queue.failedToConnect(error))
                // At most 1 s, so that a waiting job finds the server soon after it is available again.
                let ceiling = min(1.0, 0.05 * Double(1 << min(failures, 5)))
                queue.pause(.seconds(Double.random(in: ceiling / 2...ceiling)))
            }
        }
        return nil
    }

    private func report(_ error: StoreError, isFirst: Bool) {
        let details = place.merging(["reason": "\(error)"]) { first, _ in first }
        configuration.logger.log(level: isFirst ? .warning : .debug, "PostgreSQL is unavailable", metadata: details)
    }

    private var place: Logger.Metadata { ["server": "\(configuration.target.place)"] }

    /// Runs jobs until the connection is unusable (true) or the pool is closing and no job is left (false).
    private func serve(_ connection: PostgresConnection, _ generation: Int) -> Bool {
        while let job = queue.take(semaphore) {
            guard generation == queue.generation, !connection.notesLoss() else {
                queue.putBack(job)
                return true
            }
            guard run(job, on: connection, generation) else { return true }
        }
        return false
    }

    /// Runs one job. False if the connection cannot be used again.
    private func run(_ job: PostgresJob, on connection: PostgresConnection, _ generation: Int) -> Bool {
        let interrupt = connection.makeInterrupt()
        guard job.start(interrupt) else {
            queue.done(job)
            return true
        }
        connection.interrupt = interrupt
        let outcome = connection.transaction(job.access, retries: configuration.transactionRetries, job.body)
        let isClean = interrupt.end()
        // The session is reset before the task is resumed, because the task may submit its next job at once.
        let isUsable = connection.settle() && isClean && !connection.isReadOnly
        if connection.isReadOnly { queue.outdate(generation) }
        switch outcome {
        case .committed: job.finish(nil)
        case .failed(let error): job.finish(error)
        case .rejected(let error): job.finish(error)
        case .lost(let error):
            if job.waitAgain() {
                queue.putBack(job)
                return isUsable
            }
            job.finish(error)
        }
        queue.done(job)
        return isUsable
    }
}
