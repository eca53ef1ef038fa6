import Bridge
import Foundation

/// A column of a result: its key in structured content, its heading in Markdown, and the format of its values.
struct ResultColumn: Sendable {
    /// How values are written in Markdown. `time` and `age` are seconds since 1970 in the data.
    enum Format: Sendable { case plain, code, time, age, milliseconds, bytes, percent, count }

    let key: String
    let title: String
    let format: Format

    init(_ key: String, _ title: String, _ format: Format = .plain) {
        self.key = key
        self.title = title
        self.format = format
    }

    /// The value as Markdown, escaped for a table cell. `now` is the shop's time.
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

    /// The value in structured content: times as ISO 8601, others unchanged.
    func structured(_ value: JSONValue) -> JSONValue {
        guard format == .time || format == .age, case .int(let at) = value else { return value }
        return .string(Date(timeIntervalSince1970: Double(at)).formatted(.iso8601))
    }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}
