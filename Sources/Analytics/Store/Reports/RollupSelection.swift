/// Selects rows of a roll-up table; nil restricts nothing.
struct RollupSelection: Sendable {
    /// The column `dimension`.
    var dimension: String
    /// First and last day, inclusive.
    var days: ClosedRange<String>
    var name: String?
    var detail: String?
    /// The tool of the dimension `tool`: its bare name, or the name with its server (`server.tool`, `server__tool`).
    var tool: String?

    init(
        _ dimension: RollupDimension, _ days: ClosedRange<String>, name: String? = nil, detail: String? = nil,
        tool: String? = nil
    ) {
        self.init(named: dimension.rawValue, days, name: name, detail: detail, tool: tool)
    }

    /// - Parameter dimension: also one of `error_rollups`.
    init(
        named dimension: String, _ days: ClosedRange<String>, name: String? = nil, detail: String? = nil,
        tool: String? = nil
    ) {
        self.dimension = dimension
        self.days = days
        self.name = name
        self.detail = detail
        self.tool = tool
    }

    /// The condition after WHERE on the rows of a span of the days. The columns of the primary key come first, in its
    /// order.
    func condition(_ span: RollupSpan, _ statement: inout SQLStatement) -> String {
        let time = span.grain.rawValue
        var terms = [
            "dimension = \(statement.bind(.text(dimension)))",
            "\(time) >= \(statement.bind(.text(span.range.lowerBound)))",
            "\(time) <= \(statement.bind(.text(span.range.upperBound)))",
        ]
        if let name { terms.append("name = \(statement.bind(.text(name)))") }
        if let detail { terms.append("detail = \(statement.bind(.text(detail)))") }
        if let tool {
            let place = statement.bind(.text(tool))
            terms.append("\(place) IN (detail, name || '.' || detail, name || '__' || detail)")
        }
        return terms.joined(separator: " AND ")
    }
}

/// What the rows of a roll-up are summed by.
enum RollupColumn: String, Sendable { case day, name, detail }

/// The values of the keys by which a sum was made; empty for the others.
struct RollupGroup: Sendable, Hashable {
    var day = ""
    var name = ""
    var detail = ""

    init(day: String = "", name: String = "", detail: String = "") {
        self.day = day
        self.name = name
        self.detail = detail
    }

    init(_ row: SQLRow) {
        day = row.text("day") ?? ""
        name = row.text("name") ?? ""
        detail = row.text("detail") ?? ""
    }
}
