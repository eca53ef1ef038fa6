import Bridge
import Foundation

@testable import Analytics

/// Compares the result of a report with what the model expects.
enum FigureTestsComparison {
    /// How the actual value differs from the expected one: the paths with both values.
    static func differences(_ expected: JSONValue, _ actual: JSONValue?, at path: String = "") -> [String] {
        guard let actual else { return ["\(path) is missing, expected \(expected.text().prefix(200))"] }
        switch (expected, actual) {
        case (.object(let members), .object(let others)):
            var found: [String] = []
            for (key, _) in others where members[key] == nil { found.append("\(path).\(key) is not expected") }
            for (key, value) in members { found += differences(value, others[key], at: "\(path).\(key)") }
            return found
        case (.array(let elements), .array(let others)):
            guard elements.count == others.count else { return ["\(path) has \(others.count), not \(elements.count)"] }
            var found: [String] = []
            for index in elements.indices {
                found += differences(elements[index], others[index], at: "\(path)[\(index)]")
            }
            return found
        case (.string("*"), .string): return []
        case (.int, .int), (.double, .double):
            guard let one = expected.double, let other = actual.double else { return [path] }
            return abs(one - other) <= tolerance(one, path) ? [] : ["\(path) is \(other), not \(one)"]
        default:
            return expected == actual
                ? [] : ["\(path) is \(actual.text().prefix(200)), not \(expected.text().prefix(200))"]
        }
    }

    /// Percentiles are of buckets, shares are rounded to two decimals; all others are exact.
    private static func tolerance(_ expected: Double, _ path: String) -> Double {
        let name = path.split(separator: ".").last.map(String.init) ?? ""
        let isChange = path.contains(".change_percent.")
        switch name {
        // Both percentiles of a change are off by 2.5 % at most, in opposite directions.
        case "p50_ms", "p95_ms", "p99_ms": return isChange ? abs(100 + expected) * 0.053 + 0.02 : abs(expected) * 0.026
        // A quotient of large amounts.
        case "estimate_nano": return 1
        default: break
        }
        if isChange || name == "change" || name == "avg_iterations" || name.hasSuffix("_percent") { return 0.0101 }
        return name.hasSuffix("_usd") ? 2e-9 : 0
    }

    /// The totals of structured content that a line of the Markdown does not have.
    static func missingTotals(_ result: ReportResult) -> [String] {
        let lines = result.markdown.split(separator: "\n").filter { $0.hasPrefix("- ") }
        let totals = result.structured["totals"]?.object ?? [:]
        var missing: [String] = []
        for (key, value) in totals {
            guard let text = words(key, value), !lines.contains(where: { $0.contains(": \(text)") }) else { continue }
            missing.append("\(key) \(text)")
        }
        return missing
    }

    private static func words(_ key: String, _ value: JSONValue) -> String? {
        switch value {
        case .int(let nano) where key.hasSuffix("_nano"):
            let parts = (nano + 50_000) / 100_000
            return "$\(parts / 10_000)." + String(String(parts % 10_000 + 10_000).dropFirst())
        case .int(let number) where key.hasSuffix("_ms"):
            return number < 1000 ? "\(number) ms" : String(format: "%.1f s", Double(number) / 1000)
        case .int(let number): return grouped(number)
        case .double(let share) where key.hasSuffix("_percent"): return String(format: "%.1f %%", share)
        case .double(let number) where key == "avg_iterations": return String(format: "%.1f", number)
        default: return nil
        }
    }

    private static func grouped(_ number: Int64) -> String {
        guard number >= 1000 else { return String(number) }
        return "\(grouped(number / 1000)),\(String(number % 1000 + 1000).dropFirst())"
    }
}
