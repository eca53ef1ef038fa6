package import Bridge

/// The leases that a process has renewed.
package struct RenewedLeases: Sendable {
    /// The questions whose leases run on. Any other was claimed by another process or is over: stop working on it.
    package var held: Set<ULID>
    /// The requests to stop some of them.
    package var stops: [ULID: StopRequest] = [:]
}
