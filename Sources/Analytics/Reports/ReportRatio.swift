import Bridge

/// Quotients of figures, which are missing when there is nothing to divide by.
enum ReportRatio {
    /// The share of 100, rounded to two decimals; `.null` of nothing.
    static func percent(_ part: Int64, of whole: Int64) -> JSONValue {
        whole == 0 ? .null : .double(rounded(Double(part) / Double(whole) * 100))
    }

    /// The mean, rounded half away from zero to a whole number; `.null` of nothing.
    static func mean(_ sum: Int64, over count: Int64) -> JSONValue {
        count == 0 ? .null : .int(Int64((Double(sum) / Double(count)).rounded()))
    }

    /// The mean, rounded to two decimals; `.null` of nothing.
    static func decimalMean(_ sum: Int64, over count: Int64) -> JSONValue {
        count == 0 ? .null : .double(rounded(Double(sum) / Double(count)))
    }

    static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
