import Bridge

extension ServerStatus.State {
    /// The emoji of a server in a list.
    var mark: String {
        switch self {
        case .healthy: ":large_green_circle:"
        case .starting: ":hourglass_flowing_sand:"
        case .degraded: ":large_yellow_circle:"
        case .unhealthy: ":red_circle:"
        case .disabled: ":white_circle:"
        }
    }
}
