/// Tells an alarm that rings far too late: the process stood still (SIGSTOP, a frozen container, a suspended machine), or
/// was starved. What it waited for may have arrived meanwhile and not been read, so before anybody's patience is over
/// there is a moment to read it. Pure.
package struct Standstill: Sendable {
    private static let lateness = Duration.seconds(1)
    private static let grace = Duration.milliseconds(500)

    private var isGraced = false

    package init() {}

    /// How long to wait before the alarm counts; nil when it counts now. Never twice in a row: on a machine where every
    /// alarm is late, patience ends too.
    package mutating func grace(
        after due: ContinuousClock.Instant?, at now: ContinuousClock.Instant
    ) -> Duration? {
        guard let due, now - due > Self.lateness, !isGraced else {
            isGraced = false
            return nil
        }
        isGraced = true
        return Self.grace
    }
}
