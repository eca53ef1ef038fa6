import Bridge
import Foundation

/// A column of a result: its key in structured content, its heading for people, and how its values read.
struct ResultColumn: Sendable {
    enum Format: Sendable { case plain, code, time, age, milliseconds, bytes, percent, count }

    let key: String
    let title: String
    let format: Format

    init(_ key: String, _ title: String, _ format: Format = .plain) {
        self.key = key
        self.title = title
        self.format = format
    }

    /// The value for people, safe inside a Markdown table. `now` is the shop's.
    func text(_ value: JSONValue, now: Int) -> String {
        switch (format, value) {
        case (_, .null): "–"
        case (.time, .int(let at)): "\(ValueFormat.time(Int(at))) (\(ValueFormat.duration(now - Int(at))) ago)"
        case (.age, .int(let at)): ValueFormat.duration(now - Int(at))
        case (.milliseconds, _): ValueFormat.milliseconds(value.double ?? 0)
        case (.bytes, _): ValueFormat.bytes(value.double ?? 0)
        case (.percent, _): ValueFormat.decimal(value.double ?? 0, digits: 2) + " %"
        case (.count, .int(let count)): ValueFormat.grouped(Int(count))
        case (.code, .string(let text)): "`\(Self.cell(text))`"
        case (_, .string(let text)): Self.cell(text)
        default: value.text()
        }
    }

    /// The value for programs: times as ISO 8601.
    func structured(_ value: JSONValue) -> JSONValue {
        guard format == .time || format == .age, case .int(let at) = value else { return value }
        return .string(Date(timeIntervalSince1970: Double(at)).formatted(.iso8601))
    }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}
