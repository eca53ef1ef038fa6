import Foundation

@testable import Analytics

/// A time zone as a table of offsets from UTC, without Foundation's. Days are numbers of days since 1970, times are
/// milliseconds since 1970.
struct FigureTestsZone: Sendable, CustomStringConvertible {
    let name: String
    /// Offsets in seconds, each from a time in seconds since 1970 on, in ascending order.
    private let offsets: [(from: Int, seconds: Int)]

    var description: String { name }

    static let utc = FigureTestsZone(name: "UTC", offsets: [(0, 0)])
    static let kathmandu = FigureTestsZone(name: "Asia/Kathmandu", offsets: [(0, 20_700)])
    /// From October 2025 to March 2027.
    static let vienna = FigureTestsZone(
        name: "Europe/Vienna", offsets: [(0, 3600), (1_774_746_000, 7200), (1_792_890_000, 3600)])
    /// From March 2018 to 2026. In November 2018 midnight was skipped, in February 2019 it came an hour later.
    static let saoPaulo = FigureTestsZone(
        name: "America/Sao_Paulo", offsets: [(0, -10_800), (1_541_300_400, -7200), (1_550_368_800, -10_800)])

    /// The local day of a time.
    func day(_ milliseconds: Int) -> Int {
        let offset = offsets.last { $0.from * 1000 <= milliseconds }?.seconds ?? 0
        return (milliseconds + offset * 1000) / 86_400_000
    }

    /// The first time of a local day.
    func start(of day: Int) -> Int? {
        let midnights = offsets.map { day * 86_400_000 - $0.seconds * 1000 } + offsets.map { $0.from * 1000 }
        return midnights.filter { self.day($0) == day && self.day($0 - 1) == day - 1 }.min()
    }

    /// `2026-11-28`.
    static func text(_ day: Int) -> String {
        String(Timestamp.text(Date(timeIntervalSince1970: Double(day) * 86_400)).prefix(10))
    }

    /// The day of the month, from 1.
    static func dayOfMonth(_ day: Int) -> Int { Int(text(day).suffix(2)) ?? 0 }

    /// The first day of the day's month.
    static func firstOfMonth(_ day: Int) -> Int { day - dayOfMonth(day) + 1 }

    /// The number of days of the day's month.
    static func daysOfMonth(_ day: Int) -> Int {
        var last = day
        while dayOfMonth(last + 1) != 1 { last += 1 }
        return dayOfMonth(last)
    }
}
