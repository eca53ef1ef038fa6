/// Work that one of the processes does for all of them; see ``BackgroundJobs``.
struct BackgroundJob: Sendable {
    /// Its key in the store and its name in the log; the same in all processes.
    let name: String
    /// From the end of a run to the next one.
    let interval: Duration
    /// From a run that failed to the next one, for which another process may claim the job first.
    var pause = Duration.seconds(60)
    /// One run. The first one is made when the process has claimed the job, so a run after another process's must be
    /// harmless, and so must one beside it: a process that was stopped learns late that it has lost the job. Its task
    /// is cancelled at the stop and when the lease is lost.
    let run: @Sendable () async throws -> Void
}
