/// An amount of US dollars as a whole number of nano-dollars (10⁻⁹ $), so that sums are exact and the price of a single
/// token is not rounded to zero.
package struct Money: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The amount in nano-dollars.
    package let nano: Int64

    package init(nano: Int64) { self.nano = nano }

    package static let zero = Money(nano: 0)

    package static func + (left: Money, right: Money) -> Money { Money(nano: left.nano + right.nano) }
    package static func - (left: Money, right: Money) -> Money { Money(nano: left.nano - right.nano) }
    package static func += (left: inout Money, right: Money) { left = left + right }
    package static func < (left: Money, right: Money) -> Bool { left.nano < right.nano }

    /// The amount in dollars with that number of decimals (0 to 9), rounded half away from zero: `0.0021`.
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

    /// The amount with four decimals: `$0.0021`.
    package var description: String { "$\(dollars(decimals: 4))" }
}
