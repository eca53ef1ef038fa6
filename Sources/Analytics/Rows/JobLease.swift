/// The right of one process to run a background job: one row of `job_leases`.
package struct JobLease: Sendable, Hashable {
    /// The job's name; the row's key.
    package let job: String
    /// ``ProcessRow/id`` of the process.
    package let owner: String
    /// Raised by every claim of the job; nothing is changed under an older one.
    package let epoch: Int64
    /// When the lease ends by this process's clock, which advances while the process is stopped; never later than by
    /// the store's.
    package let until: ContinuousClock.Instant
}
