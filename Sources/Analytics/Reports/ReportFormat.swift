import Foundation

/// Formats numbers, durations, times and untrusted text for Markdown.
enum ReportFormat {
    /// With thousands separators: `18,402,311`.
    static func grouped(_ value: Int64) -> String {
        var groups: [Substring] = []
        var rest = String(value.magnitude)[...]
        while !rest.isEmpty {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return (value < 0 ? "-" : "") + groups.joined(separator: ",")
    }

    /// `3 questions`, `1 question`.
    static func count(_ number: Int64, _ one: String, _ many: String) -> String {
        "\(grouped(number)) \(number == 1 ? one : many)"
    }

    static func decimal(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }

    static func percent(_ value: Double) -> String { "\(decimal(value, digits: 1)) %" }

    /// With its sign: `+12.5 %`.
    static func change(_ value: Double) -> String { "\(value >= 0 ? "+" : "")\(decimal(value, digits: 1)) %" }

    /// `850 ms` below a second, else `12.3 s`.
    static func duration(milliseconds: Int64) -> String {
        milliseconds < 1000 ? "\(milliseconds) ms" : "\(decimal(Double(milliseconds) / 1000, digits: 1)) s"
    }

    /// `2026-11-28 14:05 UTC` from the format of ``Timestamp``.
    static func minute(_ time: String) -> String {
        time.count < 16 ? time : "\(time.prefix(16).replacing("T", with: " ")) UTC"
    }

    /// The text on one line: line breaks and control characters become blanks, repeated blanks one.
    static func oneLine(_ text: String) -> String {
        text.unicodeScalars.split { $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F }
            .map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
    }

    /// Untrusted text on one line of at most 120 characters, without effect as Markdown: it ends no table cell, opens
    /// no code, link, emphasis or HTML.
    static func cell(_ text: String) -> String {
        let line = oneLine(text)
        let isLonger = !line.dropFirst(120).isEmpty
        return escaped(isLonger ? line.prefix(117) + "..." : line)
    }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for character in text {
            switch character {
            case "`": output.append("'")
            case "|", "\\", "[", "]", "<", ">", "*":
                output.append("\\")
                output.append(character)
            default: output.append(character)
            }
        }
        return output
    }
}
