import Analytics
import Bridge

/// Arguments of a report that are given as text: `period=today` on the command line, or the query of a URL.
enum ReportArguments {
    /// Converts each value to the type that the report's schema declares. A value that cannot be converted stays text,
    /// so that the report itself names what it allows.
    static func convert(_ values: [(name: String, text: String)], for report: AnalyticsReport) -> JSONObject {
        let properties = report.inputSchema["properties"]
        var arguments = JSONObject()
        for (name, text) in values { arguments[name] = value(text, properties?[name]) }
        return arguments
    }

    private static func value(_ text: String, _ schema: JSONValue?) -> JSONValue {
        let types = schema?["type"]?.array?.compactMap(\.string) ?? [schema?["type"]?.string].compactMap { $0 }
        if types.contains("integer"), let number = Int64(text) { return .int(number) }
        if types.contains("boolean"), let flag = Bool(text) { return .bool(flag) }
        return .string(text)
    }
}
