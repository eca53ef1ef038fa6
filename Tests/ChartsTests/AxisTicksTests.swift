import Foundation
import Testing

@testable import Charts

@Suite("The ticks of the axis")
struct AxisTicksTests {
    @Test(
        "they are round and in the unit",
        arguments: [
            (0.087, Chart.Unit.usd, ["$0", "$0.02", "$0.04", "$0.06", "$0.08", "$0.10"]),
            (1.2, .usd, ["$0", "$0.50", "$1.00", "$1.50"]), (12, .usd, ["$0", "$5", "$10", "$15"]),
            (0.000_000_003, .usd, ["$0", "$0.000000001", "$0.000000002", "$0.000000003"]),
            (42_000_000, .usd, ["$0", "$10M", "$20M", "$30M", "$40M", "$50M"]),
            (1_400, .milliseconds, ["0 s", "0.5 s", "1.0 s", "1.5 s"]),
            (850, .milliseconds, ["0 ms", "200 ms", "400 ms", "600 ms", "800 ms", "1,000 ms"]),
            (300_000, .milliseconds, ["0 min", "1 min", "2 min", "3 min", "4 min", "5 min"]),
            (36_000_000, .milliseconds, ["0 h", "2 h", "4 h", "6 h", "8 h", "10 h"]),
            (1_150, .count, ["0", "500", "1,000", "1,500"]), (1, .count, ["0", "1", "2", "3"]),
            (12, .percent, ["0 %", "5 %", "10 %", "15 %"]), (0.3, .percent, ["0 %", "0.1 %", "0.2 %", "0.3 %"]),
            (0, .usd, ["$0", "$0.20", "$0.40", "$0.60", "$0.80", "$1.00"]), (0, .count, ["0", "1", "2", "3"]),
            (0, .milliseconds, ["0 ms", "20 ms", "40 ms", "60 ms", "80 ms", "100 ms"]),
            (0, .percent, ["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"]),
        ])
    func labels(highest: Double, unit: Chart.Unit, expected: [String]) {
        #expect(AxisTicks(0...highest, unit: unit, isWhole: true).labels == expected)
    }

    @Test("counts that are not whole have ticks between whole numbers")
    func fractions() {
        #expect(AxisTicks(0...0.4, unit: .count, isWhole: false).labels == ["0", "0.1", "0.2", "0.3", "0.4"])
    }

    @Test("negative values have ticks below zero")
    func negative() {
        #expect(AxisTicks(-1.2...3.4, unit: .usd, isWhole: false).labels == ["-$2", "$0", "$2", "$4"])
        #expect(AxisTicks(-9 ... -3, unit: .count, isWhole: true).labels == ["-10", "-8", "-6", "-4", "-2", "0"])
    }

    @Test("for each magnitude there are four to six, ascending, around all values, with zero", arguments: 0..<20)
    func magnitudes(seed: UInt64) {
        var random = SeededGenerator(state: seed)
        for exponent in -320...300 {
            for unit in Chart.Unit.allCases {
                let high = Double.random(in: 1..<10, using: &random) * pow(10, Double(exponent))
                let low: Double = [0, 0, -high, -high * 0.01, -high * 3].randomElement(using: &random) ?? 0
                let range = max(low, -PlotData.largest)...min(high, PlotData.largest)
                let ticks = AxisTicks(range, unit: unit, isWhole: Bool.random(using: &random))
                let values = ticks.values
                #expect((4...6).contains(values.count), "\(range) \(unit): \(ticks.labels)")
                #expect(values.count == ticks.labels.count && values.contains(0))
                #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 }, "\(range) \(unit): \(values)")
                #expect(Set(ticks.labels).count == values.count, "\(range) \(unit): \(ticks.labels)")
                #expect((values.first ?? 1) <= range.lowerBound + 1e-9, "\(range) \(unit)")
                #expect((values.last ?? -1) >= range.upperBound * (1 - 1e-6), "\(range) \(unit): \(values)")
                #expect(ticks.labels.allSatisfy { $0.count <= 16 }, "\(ticks.labels)")
            }
        }
    }
}

@Suite("The text of a value")
struct UnitTextTests {
    @Test(
        "it has about three digits and the unit",
        arguments: [
            (0, Chart.Unit.usd, "$0"), (0.02, .usd, "$0.02"), (0.004_21, .usd, "$0.0042"), (1.2, .usd, "$1.20"),
            (1_234.5, .usd, "$1,234.50"), (-3.4, .usd, "-$3.40"), (12_300_000, .usd, "$12.3M"),
            (0, .milliseconds, "0 ms"), (850, .milliseconds, "850 ms"), (1_500, .milliseconds, "1.5 s"),
            (119_000, .milliseconds, "119 s"), (192_000, .milliseconds, "3.2 min"), (9_000_000, .milliseconds, "2.5 h"),
            (1_200, .count, "1,200"), (1_234_567, .count, "1,234,567"), (2.4, .count, "2.4"), (5e10, .count, "50B"),
            (12, .percent, "12 %"), (12.345, .percent, "12.3 %"), (100, .percent, "100 %"), (1e300, .count, "1e+300"),
            (.nan, .count, "no value"),
        ])
    func text(value: Double, unit: Chart.Unit, expected: String) {
        #expect(UnitText(unit: unit).text(value) == expected)
    }
}

/// The same numbers in each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
