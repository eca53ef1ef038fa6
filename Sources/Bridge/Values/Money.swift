/// An amount of US dollars, in whole nano-dollars: sums are exact, and a single cheap token still counts.
package struct Money: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let nano: Int64

    package init(nano: Int64) { self.nano = nano }

    package static let zero = Money(nano: 0)

    package static func + (left: Money, right: Money) -> Money { Money(nano: left.nano + right.nano) }
    package static func - (left: Money, right: Money) -> Money { Money(nano: left.nano - right.nano) }
    package static func += (left: inout Money, right: Money) { left = left + right }
    package static func < (left: Money, right: Money) -> Bool { left.nano < right.nano }

    /// Dollars with a fixed number of decimals (at most nine), rounded half away from zero: `0.0021`.
    package func dollars(decimals: Int) -> String {
        let places = min(max(decimals, 0), 9)
        let unit = (0..<(9 - places)).reduce(Int64(1)) { product, _ in product * 10 }
        let magnitude = nano.magnitude
        let rounded = (magnitude + UInt64(unit) / 2) / UInt64(unit)
        let scale = (0..<places).reduce(UInt64(1)) { product, _ in product * 10 }
        let sign = nano < 0 && rounded > 0 ? "-" : ""
        guard places > 0 else { return "\(sign)\(rounded)" }
        let fraction = String(rounded % scale)
        return "\(sign)\(rounded / scale).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
    }

    /// `$0.0021`.
    package var description: String { "$\(dollars(decimals: 4))" }
}
