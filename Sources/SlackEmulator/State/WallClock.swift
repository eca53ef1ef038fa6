import Foundation

/// The time of ts values.
enum WallClock {
    /// Seconds and microseconds since 1970.
    static var now: (seconds: Int, micros: Int) {
        let time = Date().timeIntervalSince1970
        let seconds = Int(time)
        return (seconds, min(999_999, Int((time - Double(seconds)) * 1_000_000)))
    }
}
