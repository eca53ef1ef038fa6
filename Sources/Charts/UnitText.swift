import Foundation

/// Writes values of a unit: "$0.02", "1.5 s", "1,200", "12 %".
struct UnitText {
    /// The divisor of a value, and the sign of what results: 1,500 ms are 1.5 of "s".
    struct Scale: Hashable {
        let divisor: Double
        let suffix: String
    }

    let unit: Chart.Unit

    /// The scale in which values up to that magnitude are short.
    func scale(for magnitude: Double) -> Scale {
        let large: [(from: Double, Scale)]
        switch unit {
        case .milliseconds:
            large = [
                (7_200_000, Scale(divisor: 3_600_000, suffix: " h")), (120_000, Scale(divisor: 60_000, suffix: " min")),
                (1_000, Scale(divisor: 1_000, suffix: " s")), (0, Scale(divisor: 1, suffix: " ms")),
            ]
        case .percent: large = [(0, Scale(divisor: 1, suffix: " %"))]
        case .usd, .count:
            large = [
                (1e16, Scale(divisor: 1, suffix: "")), (1e13, Scale(divisor: 1e12, suffix: "T")),
                (1e10, Scale(divisor: 1e9, suffix: "B")),
                (1e7, Scale(divisor: 1e6, suffix: "M")),
            ]
        }
        return large.first { magnitude >= $0.from }?.1 ?? Scale(divisor: 1, suffix: "")
    }

    /// One value with about three significant digits; counts that are whole numbers and below ten million entirely.
    func text(_ value: Double) -> String {
        guard value.isFinite else { return "no value" }
        let scale = scale(for: abs(value))
        let scaled = value / scale.divisor
        guard abs(scaled) >= 1e-9 else { return text(scaled: 0, decimals: 0, scale) }
        let digits = Int(log10(abs(scaled)).rounded(.down))
        // Dollars have cents, and below ten cents two significant digits.
        let least = unit == .usd && scale.divisor == 1 ? 2 : 0
        var decimals = max(least, min(9, (least == 2 ? 1 : 2) - digits))
        while decimals > least, Self.number(scaled, decimals: decimals).hasSuffix("0") { decimals -= 1 }
        return text(scaled: scaled, decimals: decimals, scale)
    }

    /// A value that was divided by the scale's divisor.
    func text(scaled: Double, decimals: Int, _ scale: Scale) -> String {
        let number = Self.number(abs(scaled), decimals: decimals)
        let sign = scaled < 0 ? "-" : ""
        // Zero has no thousands or millions: "$0", but "0 s".
        let suffix = scaled == 0 && !scale.suffix.hasPrefix(" ") ? "" : scale.suffix
        return sign + (unit == .usd ? "$" : "") + number + suffix
    }

    /// With commas between thousands; from 10^10 on as "1.5e+18".
    static func number(_ value: Double, decimals: Int) -> String {
        guard abs(value) < 1e10 else { return String(format: "%.3g", value) }
        let plain = String(format: "%.\(decimals)f", value)
        let whole = plain.prefix { $0 != "." }
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            let rest = whole.count - index
            if index > 0, rest % 3 == 0, grouped != "-" { grouped += "," }
            grouped.append(digit)
        }
        return grouped + plain.dropFirst(whole.count)
    }
}
