import Analytics
import Bridge
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle

/// Runs background jobs, each while this process holds its lease in the store.
///
/// Jobs do not wait for each other. One that fails is released, so that another process may try it. While the store is
/// unavailable no run begins.
struct BackgroundJobs: Service {
    /// Intervals, which tests shorten.
    struct Timing: Sendable {
        /// After this time without renewal another process may go on with a job.
        var lease = Duration.seconds(15)
        /// Between two renewals, and between two looks at a job of another process.
        var renewal = Duration.seconds(5)
    }

    /// The lease is over, or another process has claimed the job.
    private struct LeaseLost: Error {}

    let jobs: [BackgroundJob]
    let store: Store
    let process: ProcessRow
    var timing = Timing()
    let logger: Logger
    /// The errors of a job since its last run without one, as they were logged.
    private let problems = NIOLockedValueBox<[String: Set<String>]>([:])

    init(_ jobs: [BackgroundJob], store: Store, process: ProcessRow, timing: Timing = Timing(), logger: Logger) {
        self.jobs = jobs
        self.store = store
        self.process = process
        self.timing = timing
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for job in jobs { group.addTask { await attend(to: job) } }
            }
        }
    }

    /// Claims the job whenever it is free, until the task is cancelled.
    private func attend(to job: BackgroundJob) async {
        while !Task.isCancelled {
            var pause = timing.renewal
            do {
                if !store.isAway, let lease = try await store.claimJob(job.name, for: process, lease: timing.lease) {
                    try await hold(lease, of: job)
                }
            } catch is LeaseLost {
                logger.notice("This process has lost a background job.", metadata: ["job": "\(job.name)"])
            } catch {
                note(error, of: job)
                pause = job.pause
            }
            try? await Task.sleep(for: pause)
        }
    }

    /// Runs the job until a run fails, the lease is lost or the task is cancelled, of which it throws the error.
    private func hold(_ lease: JobLease, of job: BackgroundJob) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await repeatRuns(of: job) }
                group.addTask { try await keep(lease) }
                try await group.next()
            }
        } catch {
            await withCancellationShield { try? await store.releaseJob(lease) }
            throw error
        }
    }

    private func repeatRuns(of job: BackgroundJob) async throws {
        while true {
            if !store.isAway {
                try await job.run()
                problems.withLockedValue { $0[job.name] = nil }
            }
            try await Task.sleep(for: job.interval)
        }
    }

    /// Renews the lease until it is lost. A store that does not answer is not waited for beyond the lease.
    private func keep(_ lease: JobLease) async throws {
        var lease = lease
        while true {
            try await Task.sleep(until: min(ContinuousClock.now + timing.renewal, lease.until), clock: .continuous)
            let left = lease.until - ContinuousClock.now
            guard left > .zero else { throw LeaseLost() }
            do {
                let renewed = try await withDeadline(left, throwing: LeaseLost()) { [lease] in
                    try await store.renewJob(lease, lease: timing.lease)
                }
                guard let renewed else { throw LeaseLost() }
                lease = renewed
            } catch is StoreError {
                // Tried again as long as the lease runs. The store's outage is in the log already.
            }
        }
    }

    /// Logs each error of a job once until a run succeeds. An outage of the store is in the log already.
    private func note(_ error: any Error, of job: BackgroundJob) {
        guard !Task.isCancelled, !store.isAway, !(error is CancellationError) else { return }
        if let error = error as? StoreError, error.saysAway { return }
        let text = "\(error)"
        let isNew = problems.withLockedValue { problems in
            // Texts that always differ would fill the memory.
            if problems[job.name]?.count == 100 { problems[job.name] = nil }
            return problems[job.name, default: []].insert(text).inserted
        }
        guard isNew else { return }
        logger.error(
            "A background job has failed; it is tried again.",
            metadata: ["job": "\(job.name)", "error": "\(text)", "next_try": "in \(job.pause)"])
    }
}
