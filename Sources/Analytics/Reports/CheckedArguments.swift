import Bridge

/// The checked arguments of one call of a report, with defaults for absent ones.
struct CheckedArguments: Sendable {
    private let values: JSONObject

    /// Throws ``ReportProblem`` for an unknown argument and for a value that its parameter does not allow. `null` counts
    /// as absent.
    init(_ arguments: JSONObject, for report: AnalyticsReport) throws(ReportProblem) {
        var values = JSONObject()
        let parameters = report.parameters
        for (name, value) in arguments {
            guard let parameter = parameters.first(where: { $0.name == name }) else {
                throw Self.unknown(name, value, report)
            }
            if !value.isNull { values[name] = try parameter.checked(value) }
        }
        for parameter in parameters where values[parameter.name] == nil { values[parameter.name] = parameter.fallback }
        self.values = values
    }

    private static func unknown(_ name: String, _ value: JSONValue, _ report: AnalyticsReport) -> ReportProblem {
        let known = report.parameters.map(\.name).joined(separator: ", ")
        return ReportProblem(
            name, given: value.text(),
            allowed: "\(report.name) has \(known.isEmpty ? "no parameters" : "the parameters \(known) only")")
    }

    /// The parameter `period`; week for a report without it.
    var period: ReportPeriod { text("period").flatMap(ReportPeriod.init(rawValue:)) ?? .week }

    /// The parameter `group_by`; day if absent.
    var grouping: ReportGrouping { text("group_by").flatMap(ReportGrouping.init(rawValue:)) ?? .day }

    func text(_ name: String) -> String? { values[name]?.string }

    /// A number; 0 for an absent one without a default.
    func number(_ name: String) -> Int { values[name]?.int ?? 0 }

    /// The parameter `user_id`: an integer or an e-mail; nil if absent.
    var user: JSONValue? { values["user_id"] }
}
