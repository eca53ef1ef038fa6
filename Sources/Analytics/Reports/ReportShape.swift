import Bridge

/// The keys of a report's structured content, from which its output schema is made.
struct ReportShape: Sendable {
    /// The figures of the whole period.
    var totals: [ReportColumn]
    /// The columns of `rows`.
    var rows: [ReportColumn]
    /// Further arrays, by key.
    var lists: [(key: String, columns: [ReportColumn])] = []
    /// Further members, with their schemas.
    var extras: [(key: String, schema: JSONValue)] = []

    /// The schema of the whole. An object has no other members than these; optional ones are not `required`.
    var schema: JSONValue {
        var properties: JSONObject = [
            "period": ["type": "string", "enum": .array(ReportPeriod.allCases.map { JSONValue.string($0.rawValue) })],
            "from": Self.day("The first day. For the period all: the first day with a question, else the same as to."),
            "to": Self.day("The last day, inclusive."),
            "previous": previous,
            "totals": Self.object(totals),
            "rows": Self.array(rows),
        ]
        for (key, columns) in lists { properties[key] = Self.array(columns) }
        for (key, schema) in extras { properties[key] = schema }
        return [
            "type": "object", "properties": .object(properties),
            "required": .array(
                (["period", "from", "to", "totals", "rows"] + lists.map(\.key)).map { JSONValue.string($0) }),
            "additionalProperties": false,
        ]
    }

    private var previous: JSONValue {
        let compared = totals.filter { [.count, .usd, .milliseconds].contains($0.unit) }
        let changes = compared.map { column -> (String, JSONValue) in
            (column.name, ["type": ["number", "string"]])
        }
        return [
            "type": "object",
            "description": "The period before; absent for the period all.",
            "properties": [
                "from": Self.day("The first day."), "to": Self.day("The last day, inclusive."),
                "totals": Self.object(totals),
                "change_percent": [
                    "type": "object",
                    "description": "totals against those of the period before; \"new\" where that had 0.",
                    "properties": .object(JSONObject(changes, uniquingKeysWith: { $1 })),
                    "additionalProperties": false,
                ],
            ],
            "required": ["from", "to", "totals", "change_percent"],
            "additionalProperties": false,
        ]
    }

    private static func day(_ description: String) -> JSONValue {
        ["type": "string", "description": .string(description), "minLength": 10, "maxLength": 10]
    }

    private static func array(_ columns: [ReportColumn]) -> JSONValue { ["type": "array", "items": object(columns)] }

    static func object(_ columns: [ReportColumn]) -> JSONValue {
        let required = columns.filter { !$0.isOptional }.flatMap { $0.schema.map { JSONValue.string($0.0) } }
        return [
            "type": "object",
            "properties": .object(JSONObject(columns.flatMap(\.schema), uniquingKeysWith: { $1 })),
            "required": .array(required),
            "additionalProperties": false,
        ]
    }
}
