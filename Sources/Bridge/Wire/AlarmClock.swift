import Dispatch
import HeapModule
import NIOConcurrencyHelpers

/// Sleeps that are gone as soon as they are cancelled, as nearly all bounds are.
///
/// The timer behind a `Task.sleep` stays in its queue until its time is over, cancelled or not: with a bound of five
/// minutes on each question, fifteen thousand of them at 50 questions a second. Here a sleep is an entry in a list, and
/// one timer serves them all; it rings up to ``lateness`` late. Tasks that an ``HTTPClient`` hosts have the clock of its
/// thread, which sleeps until the next alarm by itself; the others share one with a timer of the system.
package final class AlarmClock: Sendable {
    private typealias Sleeper = CheckedContinuation<Void, any Error>

    private struct Entry: Comparable {
        let instant: ContinuousClock.Instant
        let id: UInt64

        static func < (left: Entry, right: Entry) -> Bool { left.instant < right.instant }
    }

    private struct State {
        var lastID: UInt64 = 0
        var sleepers: [UInt64: Sleeper] = [:]
        /// Of those who sleep, and of some who do not any more.
        var entries = Heap<Entry>()
        /// When the next look is due.
        var alarm: ContinuousClock.Instant?
        var standstill = Standstill()
        /// Tells the thread that looks after this clock of an earlier alarm; nil: a timer does that.
        var tellThread: (@Sendable () -> Void)?

        /// False when a look is due by then anyway. An alarm that was set for later is left to ring.
        mutating func setAlarm(for instant: ContinuousClock.Instant) -> Bool {
            guard alarm.map({ instant + AlarmClock.lateness < $0 }) ?? true else { return false }
            alarm = instant
            return true
        }
    }

    private static let shared = AlarmClock()
    private static let queue = DispatchQueue(label: "omni.alarms")
    private static let lateness = Duration.milliseconds(5)

    private let state = NIOLockedValueBox(State())

    /// The clock of a thread that calls ``wake()`` when ``next`` has come.
    ///
    /// - Parameter tellThread: called when that is sooner than it was.
    init(tellThread: (@Sendable () -> Void)? = nil) {
        state.withLockedValue { $0.tellThread = tellThread }
    }

    /// When somebody is to be woken.
    var next: ContinuousClock.Instant? { state.withLockedValue { $0.alarm } }

    /// From now on without the thread, which ends: nobody who sleeps is forgotten.
    func leaveThread() {
        let next = state.withLockedValue { state in
            state.tellThread = nil
            return state.alarm
        }
        if let next { ring(at: next) }
    }

    /// Throws `CancellationError` when the task is cancelled before.
    package static func sleep(for duration: Duration) async throws {
        try await sleep(until: .now + duration)
    }

    /// Throws `CancellationError` when the task is cancelled before.
    package static func sleep(until instant: ContinuousClock.Instant) async throws {
        try await (CurlLoop.host?.clock ?? shared).sleep(until: instant)
    }

    private func sleep(until instant: ContinuousClock.Instant) async throws {
        let id = state.withLockedValue { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                add(Entry(instant: instant, id: id), continuation)
                // A cancellation before this point found nobody to wake.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func add(_ entry: Entry, _ sleeper: Sleeper) {
        let isFirst = state.withLockedValue { state in
            state.sleepers[entry.id] = sleeper
            if state.entries.count > 2 * state.sleepers.count + 64 {
                let sleepers = state.sleepers
                state.entries = Heap(state.entries.unordered.filter { sleepers[$0.id] != nil })
            }
            state.entries.insert(entry)
            return state.setAlarm(for: entry.instant)
        }
        if isFirst { ring(at: entry.instant) }
    }

    private func cancel(_ id: UInt64) {
        let sleeper = state.withLockedValue { $0.sleepers.removeValue(forKey: id) }
        sleeper?.resume(throwing: CancellationError())
    }

    private func ring(at instant: ContinuousClock.Instant) {
        if let tellThread = state.withLockedValue({ $0.tellThread }) { return tellThread() }
        let delay = max(.zero, instant - .now) / .nanoseconds(1)
        Self.queue.asyncAfter(deadline: .now() + .nanoseconds(Int(min(delay, 1e18)))) { self.wake() }
    }

    /// Wakes those whose time has come.
    func wake() {
        let now = ContinuousClock.now
        let (due, next) = state.withLockedValue { state -> ([Sleeper], ContinuousClock.Instant?) in
            if let grace = state.standstill.grace(after: state.alarm, at: now) {
                state.alarm = now + grace
                return ([], state.alarm)
            }
            state.alarm = nil
            var due: [Sleeper] = []
            while let first = state.entries.min {
                if let sleeper = state.sleepers[first.id] {
                    guard first.instant <= now else {
                        return (due, state.setAlarm(for: first.instant) ? first.instant : nil)
                    }
                    state.sleepers[first.id] = nil
                    due.append(sleeper)
                }
                state.entries.removeMin()
            }
            return (due, nil)
        }
        if let next { ring(at: next) }
        for sleeper in due { sleeper.resume() }
    }
}
