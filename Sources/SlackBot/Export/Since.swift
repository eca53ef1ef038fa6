import Analytics
import Foundation

/// Parser of a point in time as a user writes it: an age, a day, or a time.
enum Since {
    static let examples = "7d, 24h, 30m, 2w, 2026-11-01 or 2026-11-01T09:30:00Z"

    /// nil for a text of none of the forms in ``examples``. Days and times are UTC.
    static func date(_ text: String, now: Date = Date()) -> Date? {
        if let unit = text.last, let seconds = units[unit] {
            let digits = text.dropLast()
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(digits),
                count > 0, count <= 100_000
            else { return nil }
            return now.addingTimeInterval(-Double(count) * seconds)
        }
        // The store's form is the longest; a shorter one is completed from the pattern. A day that does not exist in
        // its month is parsed as another day, so the result is compared with the text.
        let pattern = "0000-01-01T00:00:00.000Z"
        let whole = text.hasSuffix("Z") ? String(text.dropLast()) : text
        guard [10, 16, 19, 23].contains(whole.utf8.count), text.hasSuffix("Z") || whole.utf8.count == 10 else {
            return nil
        }
        let full = whole + pattern.dropFirst(whole.utf8.count)
        guard let date = Timestamp.date(full), Timestamp.text(date) == full else { return nil }
        return date
    }

    private static let units: [Character: Double] = ["m": 60, "h": 3600, "d": 86_400, "w": 604_800]
}
