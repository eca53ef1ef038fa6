import Foundation

/// When people last said something in each thread that was not for Omni: of bounded size, and when it forgets it says
/// so, as talk that may have been anywhere.
struct ThreadActivity: Sendable {
    private let capacity: Int
    private var times: [String: Date] = [:]
    /// The newest time that was forgotten.
    private var forgotten: Date?

    init(capacity: Int = 10_000) { self.capacity = max(1, capacity) }

    mutating func note(_ thread: String, at time: Date) {
        times[thread] = max(times[thread] ?? time, time)
        guard times.count > capacity else { return }
        let oldest = times.sorted { $0.value < $1.value }.prefix((capacity + 1) / 2)
        for (thread, _) in oldest { times[thread] = nil }
        forgotten = [forgotten, oldest.last?.value].compactMap { $0 }.max()
    }

    func newest(in thread: String) -> Date? { [times[thread], forgotten].compactMap { $0 }.max() }
}
