import Bridge

/// The figures of the reports with the parameters `user_id` and `group_by`: of the period and the one before, as a
/// whole and by row.
struct GroupedReport {
    let grouping: ReportGrouping
    let total: UsageFigures
    /// nil if the period has none before it.
    let totalBefore: UsageFigures?
    /// By name; the empty name for questions without one.
    let all: [String: UsageFigures]
    /// nil for days, and if the period has none before it.
    let allBefore: [String: UsageFigures]?
    /// The names of the rows that are shown, in their order.
    let shown: [String]
    private let user: String?

    /// - Parameter size: the rows are in descending order of it; days in descending order.
    init(_ context: ReportContext, size: (UsageFigures) -> Int64) throws {
        grouping = context.arguments.grouping
        user = context.user
        total = try context.totals(context.days)
        totalBefore = try context.daysBefore.map { try context.totals($0) }
        // The roll-ups also have servers of which each call was denied.
        let isByServer = grouping == .mcp
        let all = try context.groups(by: grouping, context.days, context.times)
            .filter { !isByServer || $0.value.calls > 0 }
        self.all = all
        if grouping != .day, let days = context.daysBefore {
            allBefore = try context.groups(by: grouping, days, context.timesBefore)
        } else {
            allBefore = nil
        }
        let isByDay = grouping == .day
        let ordered = all.sorted { one, other in
            let (left, right) = (isByDay ? 0 : size(one.value), isByDay ? 0 : size(other.value))
            guard left == right else { return left > right }
            return isByDay ? one.key > other.key : one.key < other.key
        }
        shown = ordered.prefix(grouping.mostRows).map(\.key)
    }

    /// The table of the rows.
    ///
    /// - Parameters:
    ///   - columns: the first is the name's.
    ///   - values: the values of the other columns, from the figures of the period and of the one before.
    func table(
        _ title: String, _ columns: [ReportColumn], _ values: (UsageFigures, UsageFigures?) -> [JSONValue]
    ) -> ReportTable {
        let rows = shown.map { name -> [JSONValue] in
            let before = allBefore.map { $0[name] ?? UsageFigures() }
            let label = name.isEmpty ? grouping.none : name
            return [.string(label)] + values(all[name] ?? UsageFigures(), before)
        }
        let first = columns.first.map { ReportColumn($0.name, grouping.title, $0.unit, $0.meaning) }
        return ReportTable(
            title: "\(title) by \(grouping.title.lowercased())",
            columns: [first].compactMap { $0 } + columns.dropFirst(), rows: rows)
    }

    /// Which rows were left out.
    var notes: [String] {
        let hidden = all.count - shown.count
        guard hidden > 0 else { return [] }
        return ["\(ReportFormat.count(Int64(hidden), "row", "rows")) more are left out; the totals include them."]
    }

    /// The members `group_by` and `user`.
    var extras: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [("group_by", .string(grouping.rawValue))]
        if let user { members.append(("user", .string(user))) }
        return members
    }

    static func groupBySchema(_ groupings: [ReportGrouping]) -> (key: String, schema: JSONValue) {
        (
            "group_by",
            [
                "type": "string", "enum": .array(groupings.map { JSONValue.string($0.rawValue) }),
                "description": """
                What the rows are about: at most 30 days, newest first, or the 20 highest of others; no model, no \
                channel and none are questions without one.
                """,
            ]
        )
    }

    static let userSchema: (key: String, schema: JSONValue) = (
        "user", ["type": "string", "description": "The e-mail of the only user; absent for everyone."]
    )
}
