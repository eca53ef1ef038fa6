/// State machine for the deadlines of one transfer. It reads no clock: the caller passes the time of each event.
///
/// libcurl's own time-outs do not serve: they have no limit for the head of a response alone, and they count the time
/// in which a transfer is paused for its reader (https://curl.se/libcurl/c/CURLOPT_TIMEOUT_MS.html).
struct TransferDeadlines {
    typealias Instant = ContinuousClock.Instant

    /// A point in time, the phase that it ends, and the limit that it was computed from.
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

    /// The name look-up or the connecting begins. Later calls have no effect.
    mutating func connectionStarted(at now: Instant) {
        if case .queued = state { state = .connecting(since: now) }
    }

    /// The connection (TLS included) can carry the request.
    mutating func connectionReady() {
        switch state {
        case .queued, .connecting: state = .awaitingHead
        case .awaitingHead, .streaming, .paused: break
        }
    }

    mutating func headArrived(at now: Instant) { state = .streaming(lastArrival: now) }

    mutating func bytesArrived(at now: Instant) { state = .streaming(lastArrival: now) }

    /// The transfer was paused, because too many bytes wait for the reader.
    mutating func paused() { state = .paused }

    mutating func resumed(at now: Instant) {
        if case .paused = state { state = .streaming(lastArrival: now) }
    }

    /// The deadline that comes first; nil while the transfer is paused and has no total limit.
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
