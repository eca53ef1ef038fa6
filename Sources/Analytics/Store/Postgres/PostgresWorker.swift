import Dispatch
import Foundation
import Logging

/// One thread of the pool: keeps one connection and runs the jobs on it.
struct PostgresWorker: Sendable {
    let queue: PostgresJobQueue
    let configuration: PostgresConfiguration
    /// Rung by the queue when there is a job for this worker, which waits at it while it has none.
    private let semaphore = DispatchSemaphore(value: 0)

    init(queue: PostgresJobQueue, configuration: PostgresConfiguration) {
        self.queue = queue
        self.configuration = configuration
    }

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

    /// Tries until it works, with growing pauses; nil when the pool closes.
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
                // Short enough that a job which waits for the server finds it soon after it is back.
                let ceiling = min(1.0, 0.05 * Double(1 << min(failures, 5)))
                queue.pause(.seconds(Double.random(in: ceiling / 2...ceiling)))
            }
        }
        return nil
    }

    private func report(_ error: StoreError, isFirst: Bool) {
        let details = place.merging(["reason": "\(error)"]) { first, _ in first }
        configuration.logger.log(level: isFirst ? .warning : .debug, "PostgreSQL is away", metadata: details)
    }

    private var place: Logger.Metadata { ["server": "\(configuration.target.place)"] }

    /// Runs jobs while the connection lives. False when the pool closes and nothing is left to do.
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

    /// False when the connection cannot be used again.
    private func run(_ job: PostgresJob, on connection: PostgresConnection, _ generation: Int) -> Bool {
        let interrupt = connection.makeInterrupt()
        guard job.start(interrupt) else {
            queue.done(job)
            return true
        }
        connection.interrupt = interrupt
        let outcome = connection.transaction(job.access, retries: configuration.transactionRetries, job.body)
        let isClean = interrupt.end()
        // The caller may go on at once, so the connection is put in order before it is told.
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
