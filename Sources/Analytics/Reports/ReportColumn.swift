import Bridge

/// A column of a table, or one of the figures above it: its key in structured content, its heading and its unit.
package struct ReportColumn: Sendable, Hashable {
    /// The key in structured content. An amount of money has two: the name with `_usd` and with `_nano`.
    package let name: String
    /// The heading in Markdown.
    package let title: String
    package let unit: ReportUnit
    /// Whether a value may be missing; its key is then left out of structured content.
    package let isOptional: Bool
    /// What the value is, for the output schema.
    package let meaning: String

    package init(
        _ name: String, _ title: String, _ unit: ReportUnit, optional: Bool = false, _ meaning: String
    ) {
        self.name = name
        self.title = title
        self.unit = unit
        isOptional = optional
        self.meaning = meaning
    }

    /// The value as the text of a table's cell; `–` for a missing one.
    func cell(_ value: JSONValue) -> String {
        unit.text(value).map { ReportFormat.cell($0) } ?? "–"
    }

    /// The members of structured content for a value; none for a missing one.
    func members(_ value: JSONValue) -> [(String, JSONValue)] {
        switch (unit, value) {
        case (_, .null): []
        case (.usd, .int(let nano)):
            [("\(name)_usd", .double(Double(nano) / 1_000_000_000)), ("\(name)_nano", .int(nano))]
        default: [(name, value)]
        }
    }

    /// The members' schemas.
    var schema: [(String, JSONValue)] {
        switch unit {
        case .usd:
            [
                ("\(name)_usd", ["type": "number", "description": .string("\(meaning), in US dollars.")]),
                ("\(name)_nano", ["type": "integer", "description": .string("\(meaning), in nano-dollars.")]),
            ]
        case .list:
            [(name, ["type": "array", "items": ["type": "string"], "description": .string("\(meaning).")])]
        case .milliseconds:
            [(name, ["type": "integer", "description": .string("\(meaning), in milliseconds.")])]
        case .change:
            [
                (
                    name,
                    [
                        "type": unit.schemaType,
                        "description": .string("\(meaning), in percent; \"\(ReportChange.new)\" if that was 0."),
                    ]
                )
            ]
        default:
            [(name, ["type": unit.schemaType, "description": .string("\(meaning).")])]
        }
    }
}
