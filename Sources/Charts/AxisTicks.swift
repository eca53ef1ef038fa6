import Foundation

/// The ticks of the left axis: four to six round values at equal distances, which contain zero and all values.
struct AxisTicks: Hashable {
    /// Ascending; the axis ends at the first and the last.
    let values: [Double]
    /// What is written at each.
    let labels: [String]

    /// - Parameters:
    ///   - range: The smallest and the largest value. What is below 10^-9 in magnitude is drawn as zero.
    ///   - isWhole: Whether the values are whole numbers: then counts have no ticks between them.
    init(_ range: ClosedRange<Double>, unit: Chart.Unit, isWhole: Bool) {
        let text = UnitText(unit: unit)
        var low = min(0, range.lowerBound)
        var high = max(0, range.upperBound)
        if max(-low, high) < 1e-9 { (low, high) = (0, Self.highest(unit)) }
        let scale = text.scale(for: max(-low, high))
        low /= scale.divisor
        high /= scale.divisor
        let step = Self.step(low, high, whole: unit == .count && isWhole && scale.divisor == 1)
        let below = Int(Self.steps(-low, step))
        let above = max(Int(Self.steps(high, step)), 3 - below)
        let decimals = unit == .usd && step.exponent == -1 && scale.divisor == 1 ? 2 : max(0, -step.exponent)
        values = (-below...above).map { step.value(times: $0) * scale.divisor }
        labels = (-below...above).map {
            text.text(scaled: step.value(times: $0), decimals: $0 == 0 ? 0 : decimals, scale)
        }
    }

    /// The end of the axis if all values are zero.
    private static func highest(_ unit: Chart.Unit) -> Double {
        switch unit {
        case .usd: 1
        case .milliseconds, .percent: 100
        case .count: 3
        }
    }

    /// 1, 2 or 5 times a power of ten.
    private struct Step {
        let factor: Int
        let exponent: Int

        /// Rounded once only, so that three times 0.1 is 0.3.
        func value(times count: Int) -> Double {
            let factor = Double(factor * count)
            return exponent < 0 ? factor / pow(10, Double(-exponent)) : factor * pow(10, Double(exponent))
        }
    }

    /// The smallest step of which at most five are needed. There are at least three, since a step is at most 2.5 times
    /// the one before it.
    private static func step(_ low: Double, _ high: Double, whole: Bool) -> Step {
        var exponent = Int(log10(max(-low, high)).rounded(.down)) - 1
        if whole { exponent = max(0, exponent) }
        while true {
            for factor in [1, 2, 5] {
                let step = Step(factor: factor, exponent: exponent)
                if steps(-low, step) + steps(high, step) <= 5 { return step }
            }
            exponent += 1
        }
    }

    /// How many steps reach that distance; one that is exceeded by a rounding error only is enough.
    private static func steps(_ distance: Double, _ step: Step) -> Double {
        (distance / step.value(times: 1) - 1e-9).rounded(.up).magnitude
    }
}
