/// What the rows of a report are about; the raw values are those of the parameter `group_by`.
enum ReportGrouping: String, Sendable, CaseIterable {
    case user, mcp, day, channel, model, role

    /// The heading of the first column.
    var title: String {
        switch self {
        case .user: "User"
        case .mcp: "Server"
        case .day: "Day"
        case .channel: "Channel"
        case .model: "Model"
        case .role: "Role"
        }
    }

    /// The dimension of the roll-ups whose names are the rows; the days are those of the questions' totals.
    var dimension: RollupDimension {
        switch self {
        case .user: .user
        case .mcp: .server
        case .day: .total
        case .channel: .channel
        case .model: .model
        case .role: .role
        }
    }

    /// The most rows: of days the newest, else those with the highest figures.
    var mostRows: Int { self == .day ? 30 : 20 }

    /// The text for questions without a name in this dimension.
    var none: String {
        switch self {
        case .channel: "no channel"
        case .model: "no model"
        default: "none"
        }
    }
}
