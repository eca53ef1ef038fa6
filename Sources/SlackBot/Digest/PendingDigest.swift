import Foundation

/// State machine that decides when a digest is worked on. It has neither a clock nor a store.
///
/// A digest that became due while no process ran counts for ``lateness``. After the schedule was changed, only what
/// becomes due later counts, so that a new schedule posts nothing at once; a
/// process that goes on after another one does not know of the change, and looks back as at a start.
struct PendingDigest: Sendable, Hashable {
    /// What to do now.
    enum Step: Sendable, Hashable {
        case wait
        /// Send the digest that was due then, if no other process has done it.
        case send(Date)
        /// It is too late for the digest that was due then.
        case giveUp(Date)
    }

    /// How late a digest is sent at most, in seconds.
    static let lateness = TimeInterval(6 * 3600)

    private var schedule: DigestSchedule?
    private var isStarted = false
    /// What was due up to this instant is under way or settled.
    private var seen: Date
    /// The digest under way.
    private(set) var due: Date?

    /// - Parameter start: when the process started.
    init(start: Date) { seen = start.addingTimeInterval(-Self.lateness) }

    /// What to do at `now` under the schedule in force; nil: the digest is disabled.
    mutating func step(at now: Date, _ schedule: DigestSchedule?) -> Step {
        if schedule != self.schedule {
            if isStarted { (seen, due) = (now, nil) }
            self.schedule = schedule
        }
        isStarted = true
        guard let schedule else { return .wait }
        if let due, now.timeIntervalSince(due) > Self.lateness { return abandon(due) }
        if let last = schedule.last(through: now), last > seen {
            // The digest before is not worked on any more.
            if let due { return abandon(due) }
            seen = last
            if now.timeIntervalSince(last) <= Self.lateness { due = last }
        }
        return due.map(Step.send) ?? .wait
    }

    /// The digest under way was sent or given up, by this process or another one.
    mutating func settle() { due = nil }

    private mutating func abandon(_ due: Date) -> Step {
        self.due = nil
        return .giveUp(due)
    }
}
