import Bridge

/// The difference of a figure to the period before.
enum ReportChange {
    /// In place of a number: the period before had none.
    static let new = "new"

    /// The difference in percent, rounded to two decimals; 0 if both are 0, ``new`` if only the earlier one is 0.
    static func value(_ now: Int64, before: Int64) -> JSONValue {
        guard before != 0 else { return now == 0 ? .double(0) : .string(new) }
        return .double(ReportRatio.rounded((Double(now) - Double(before)) / Double(before) * 100))
    }

    /// The difference in words: `+12.5 % from $0.0019`; nil if one is missing or both are 0.
    static func text(_ value: JSONValue, before: JSONValue, unit: ReportUnit) -> String? {
        guard let now = value.double, let earlier = before.double, now != 0 || earlier != 0 else { return nil }
        let was = unit.text(before) ?? ""
        switch unit {
        case .count, .usd, .milliseconds:
            guard earlier != 0 else { return new }
            return "\(ReportFormat.change(ReportRatio.rounded((now - earlier) / earlier * 100))) from \(was)"
        default: return "was \(was)"
        }
    }
}
