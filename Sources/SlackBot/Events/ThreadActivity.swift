import Foundation

/// Time of the newest message that was not for Omni, by thread, for at most `capacity` threads. When it is exceeded the
/// older half is evicted.
struct ThreadActivity: Sendable {
    private let capacity: Int
    private var times: [String: Date] = [:]
    /// The newest time of an evicted thread.
    private var forgotten: Date?

    init(capacity: Int = 10_000) { self.capacity = max(1, capacity) }

    /// Records a message of that time.
    mutating func note(_ thread: String, at time: Date) {
        times[thread] = max(times[thread] ?? time, time)
        guard times.count > capacity else { return }
        let oldest = times.sorted { $0.value < $1.value }.prefix((capacity + 1) / 2)
        for (thread, _) in oldest { times[thread] = nil }
        forgotten = [forgotten, oldest.last?.value].compactMap { $0 }.max()
    }

    /// The thread's newest time, or the newest evicted time when that is later, because it may be this thread's. nil
    /// when there is neither.
    func newest(in thread: String) -> Date? { [times[thread], forgotten].compactMap { $0 }.max() }
}
