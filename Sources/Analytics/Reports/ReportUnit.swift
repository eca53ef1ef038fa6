import Bridge

/// What a column or figure of a report measures. Decides how a value is written in Markdown and which type it has in
/// structured content.
package enum ReportUnit: String, Sendable, Hashable, CaseIterable {
    /// A string.
    case text
    /// Several strings.
    case list
    /// A whole number.
    case count
    /// A number with a fraction.
    case decimal
    /// An amount in nano-dollars, as an integer.
    case usd
    /// Whole milliseconds.
    case milliseconds
    /// A share of 100.
    case percent
    /// A difference to the period before in percent; the string ``ReportChange/new`` if that had none.
    case change
    /// A time: ISO 8601 in UTC.
    case time
    /// A Boolean.
    case flag

    /// The value in words; nil for a missing value or one of another type.
    func text(_ value: JSONValue) -> String? {
        switch (self, value) {
        case (_, .null): nil
        case (.text, .string(let text)): text.isEmpty ? nil : text
        case (.list, .array(let elements)):
            elements.isEmpty ? nil : elements.compactMap(\.string).joined(separator: ", ")
        case (.count, .int(let number)): ReportFormat.grouped(number)
        case (.usd, .int(let nano)): Money(nano: nano).description
        case (.milliseconds, .int(let number)): ReportFormat.duration(milliseconds: number)
        case (.time, .string(let text)): ReportFormat.minute(text)
        case (.flag, .bool(let flag)): flag ? "yes" : "no"
        case (.change, .string(let text)): text
        case (.change, _): value.double.map(ReportFormat.change)
        case (.percent, _): value.double.map(ReportFormat.percent)
        case (.decimal, _): value.double.map { ReportFormat.decimal($0, digits: 1) }
        default: nil
        }
    }

    /// The JSON Schema of a value in structured content; `usd` has two, see ``ReportColumn/members(_:)``.
    var schemaType: JSONValue {
        switch self {
        case .text, .time: "string"
        case .list: "array"
        case .count, .milliseconds: "integer"
        case .decimal, .percent, .usd: "number"
        case .change: ["number", "string"]
        case .flag: "boolean"
        }
    }
}
