import Foundation

/// The figures of one period by the rows of `group_by`, for everyone or one user.
extension ReportContext {
    /// The figures of all questions of the days.
    func totals(_ days: ClosedRange<String>) throws -> UsageFigures { try reader.usage(totalSelection(days)) }

    /// The rows of the roll-ups that hold each question of the days, of the user if there is one, once.
    func totalSelection(_ days: ClosedRange<String>) -> RollupSelection {
        user.map { RollupSelection(.user, days, name: $0) } ?? RollupSelection(.total, days)
    }

    /// The figures by name; the empty name for questions without one. Tokens are not known by server.
    func groups(
        by grouping: ReportGrouping, _ days: ClosedRange<String>, _ times: Range<Date>?
    ) throws -> [String: UsageFigures] {
        guard let user else { return try sums(RollupSelection(grouping.dimension, days), grouping.column) }
        switch grouping {
        case .day, .user, .role:
            let selection = RollupSelection(.user, days, name: user)
            return try sums(selection, grouping == .role ? .detail : grouping.column)
        case .model: return Self.byName(try reader.usage(of: user, times, by: .model), .name)
        case .channel: return Self.byName(try reader.usage(of: user, times, by: .channel), .name)
        case .mcp: return Self.servers(of: try reader.questions(of: user, times))
        }
    }

    private func sums(_ selection: RollupSelection, _ column: RollupColumn) throws -> [String: UsageFigures] {
        Self.byName(try reader.usage(selection, by: [column]), column)
    }

    private static func byName(_ sums: [UsageSum], _ column: RollupColumn) -> [String: UsageFigures] {
        Dictionary(
            sums.map { ($0.group[column], $0.figures) },
            uniquingKeysWith: { first, second in
                var sum = first
                sum += second
                return sum
            })
    }

    /// The cost by server, divided over the calls as in ``Rollup``.
    static func servers(of questions: [UserQuestion]) -> [String: UsageFigures] {
        var servers: [String: UsageFigures] = [:]
        for question in questions where !question.servers.isEmpty {
            let calls = Int64(question.servers.count)
            for server in Set(question.servers) { servers[server, default: UsageFigures()].questions += 1 }
            for (index, server) in question.servers.enumerated() {
                let remainder = index == 0 ? question.cost % calls : 0
                servers[server, default: UsageFigures()].costNano += question.cost / calls + remainder
                servers[server, default: UsageFigures()].calls += 1
            }
        }
        return servers
    }
}

extension ReportGrouping {
    /// The column of the roll-ups that has the names of the rows.
    fileprivate var column: RollupColumn { self == .day ? .day : .name }
}

extension RollupGroup {
    fileprivate subscript(_ column: RollupColumn) -> String {
        switch column {
        case .day: day
        case .name: name
        case .detail: detail
        }
    }
}
