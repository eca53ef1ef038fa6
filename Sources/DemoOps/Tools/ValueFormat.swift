import Foundation

/// Formats times, sizes and numbers for Markdown.
enum ValueFormat {
    static func time(_ seconds: Int) -> String {
        let text = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        return "\(text.prefix(16).replacing("T", with: " ")) UTC"
    }

    static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds)) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86400) days"
        }
    }

    static func milliseconds(_ value: Double) -> String {
        value < 10 ? "\(decimal(value, digits: 1)) ms" : "\(grouped(Int(value.rounded()))) ms"
    }

    static func bytes(_ value: Double) -> String {
        let gigabytes = value / 1_073_741_824
        return gigabytes >= 1 ? "\(decimal(gigabytes, digits: 1)) GB" : "\(grouped(Int(value / 1_048_576))) MB"
    }

    static func decimal(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }

    /// With thousands separators: 18,402,311.
    static func grouped(_ value: Int) -> String {
        var groups: [Substring] = []
        var rest = String(value.magnitude)[...]
        while !rest.isEmpty {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return (value < 0 ? "-" : "") + groups.joined(separator: ",")
    }

    static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(grouped(number)) \(number == 1 ? one : many)"
    }
}
