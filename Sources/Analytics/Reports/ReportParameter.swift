import Bridge

/// A parameter of a report: its JSON Schema, and the check of a value.
package struct ReportParameter: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case choice([String])
        case number(ClosedRange<Int>)
        case text
        /// A user's id as an integer, or an e-mail.
        case user
    }

    package let name: String
    /// What the parameter does, for a model.
    package let description: String
    let kind: Kind
    /// The value of an absent argument; nil: the argument stays absent.
    let fallback: JSONValue?

    private init(_ name: String, _ kind: Kind, default fallback: JSONValue? = nil, _ description: String) {
        self.name = name
        self.kind = kind
        self.fallback = fallback
        self.description = description
    }

    static let period = choice(
        "period", ReportPeriod.allCases.map(\.rawValue), default: ReportPeriod.week.rawValue,
        """
        today; week: today and the six days before; month: since the first of this month; all: everything that is \
        recorded.
        """)

    static let user = ReportParameter(
        "user_id", .user, "Only this user: the integer id of a user, or an e-mail. Everyone when left out.")

    static func choice(
        _ name: String, _ values: [String], default fallback: String? = nil, _ description: String
    ) -> ReportParameter {
        ReportParameter(name, .choice(values), default: fallback.map(JSONValue.string), description)
    }

    static func number(
        _ name: String, _ bounds: ClosedRange<Int>, default fallback: Int, _ description: String
    ) -> ReportParameter {
        ReportParameter(name, .number(bounds), default: .int(Int64(fallback)), description)
    }

    static func text(_ name: String, _ description: String) -> ReportParameter {
        ReportParameter(name, .text, description)
    }

    static func limit(_ fallback: Int) -> ReportParameter {
        number("limit", 1...100, default: fallback, "How many rows to return at most, 1 to 100.")
    }

    /// What the rows are about. Absent: the days.
    static func grouping(_ groupings: [ReportGrouping]) -> ReportParameter {
        choice(
            "group_by", groupings.map(\.rawValue),
            "What the rows are about: \(groupings.map(\.rawValue).joined(separator: ", ")). Days when left out.")
    }

    /// The JSON Schema of the argument.
    var schema: JSONValue {
        var members: JSONObject = [:]
        switch kind {
        case .choice(let values):
            members["type"] = "string"
            members["enum"] = .array(values.map { JSONValue.string($0) })
        case .number(let bounds):
            members["type"] = "integer"
            members["minimum"] = .int(Int64(bounds.lowerBound))
            members["maximum"] = .int(Int64(bounds.upperBound))
        case .text:
            members["type"] = "string"
            members["minLength"] = 1
            members["maxLength"] = .int(Int64(Self.longestText))
        case .user:
            members["type"] = ["integer", "string"]
            members["maxLength"] = .int(Int64(Self.longestText))
        }
        members["description"] = .string(description)
        members["default"] = fallback
        return .object(members)
    }

    /// The value if it is allowed. Throws ``ReportProblem`` with what is allowed.
    func checked(_ value: JSONValue) throws(ReportProblem) -> JSONValue {
        switch (kind, value) {
        case (.choice(let values), .string(let text)) where values.contains(text): return value
        case (.number(let bounds), _):
            // A Boolean is no number, and 5.0 is 5.
            if let number = value.int, bounds.contains(number) { return .int(Int64(number)) }
        case (.text, .string(let text)) where !text.isEmpty && text.unicodeScalars.count <= Self.longestText:
            return value
        case (.user, .string(let text)) where text.unicodeScalars.count <= Self.longestText:
            if let number = Int64(text), number > 0 { return .int(number) }
            if text.contains("@") { return value }
        case (.user, _):
            if let number = value.int, number > 0 { return .int(Int64(number)) }
        default: break
        }
        throw problem(with: value)
    }

    private func problem(with value: JSONValue) -> ReportProblem {
        ReportProblem(name, given: value.text(), allowed: allowed)
    }

    private var allowed: String {
        switch kind {
        case .choice(let values): "allowed are \(values.joined(separator: ", "))"
        case .number(let bounds): "it must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
        case .text: "it must be a text of 1 to \(Self.longestText) characters"
        case .user: "it must be the integer id of a user, or an e-mail"
        }
    }

    private static let longestText = 200
}
