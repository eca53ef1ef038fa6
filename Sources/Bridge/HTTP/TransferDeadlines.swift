/// The deadlines of one transfer, a value without a clock of its own: every event brings its time.
///
/// libcurl's own time-outs do not fit: they cannot tell waiting for the head from a stream that is slow to begin, and
/// count a reader's pause (https://curl.se/libcurl/c/CURLOPT_TIMEOUT_MS.html).
struct TransferDeadlines {
    typealias Instant = ContinuousClock.Instant

    struct Deadline: Hashable {
        let instant: Instant
        let phase: HTTPClient.Failure.Phase
        let limit: Duration
    }

    private enum State {
        case queued
        case connecting(since: Instant)
        case awaitingHead
        case streaming(lastArrival: Instant)
        case paused
    }

    private let timeouts: HTTPClient.Timeouts
    private let start: Instant
    private var state = State.queued

    init(_ timeouts: HTTPClient.Timeouts, startedAt start: Instant) {
        self.timeouts = timeouts
        self.start = start
    }

    /// The name look-up or the connecting begins; only the first counts.
    mutating func connectionStarted(at now: Instant) {
        if case .queued = state { state = .connecting(since: now) }
    }

    /// The connection can carry the request.
    mutating func connectionReady() {
        switch state {
        case .queued, .connecting: state = .awaitingHead
        case .awaitingHead, .streaming, .paused: break
        }
    }

    mutating func headArrived(at now: Instant) { state = .streaming(lastArrival: now) }

    mutating func bytesArrived(at now: Instant) { state = .streaming(lastArrival: now) }

    /// The reader is the slower side.
    mutating func paused() { state = .paused }

    mutating func resumed(at now: Instant) {
        if case .paused = state { state = .streaming(lastArrival: now) }
    }

    /// The deadline that comes first; nil when only the reader is waited for.
    var next: Deadline? {
        let total = timeouts.total.map { deadline(.total, start, $0) }
        switch state {
        case .queued, .awaitingHead: return Self.first(deadline(.head, start, timeouts.head), total)
        case .connecting(let since):
            let connect = deadline(.connect, since, timeouts.connect)
            return Self.first(Self.first(connect, deadline(.head, start, timeouts.head)), total)
        case .streaming(let lastArrival): return Self.first(deadline(.idle, lastArrival, timeouts.idle), total)
        case .paused: return total
        }
    }

    private func deadline(_ phase: HTTPClient.Failure.Phase, _ since: Instant, _ limit: Duration) -> Deadline {
        Deadline(instant: since.advanced(by: limit), phase: phase, limit: limit)
    }

    private static func first(_ one: Deadline, _ other: Deadline?) -> Deadline {
        guard let other, other.instant < one.instant else { return one }
        return other
    }
}
