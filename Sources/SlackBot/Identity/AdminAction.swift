/// What the text of `/omni-admin` asks for. A user is named by e-mail, by a mention or by the id of the row.
enum AdminAction: Sendable, Hashable {
    /// Which way a role may change.
    enum Direction: Sendable, Hashable { case up, down }

    /// The users, of one role if it is named.
    case list(role: String?)
    /// - Parameters:
    ///   - role: nil: that of `default_user`.
    ///   - direction: nil: any.
    case setRole(user: String, role: String?, Direction?)
    case setActive(user: String, Bool)
    /// The newest rows of the audit log, of one user if named.
    case viewLogs(user: String?, count: Int)
    case reload

    private static let usualRows = 10
    private static let mostRows = 25

    /// nil for a text that is no action.
    init?(_ text: String) {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        let rest = words.dropFirst().map { $0 }
        switch (words.first ?? "", rest.count) {
        case ("list-users", 0...1): self = .list(role: rest.first)
        case ("promote-user", 2): self = .setRole(user: rest[0], role: rest[1], .up)
        case ("demote-user", 1...2): self = .setRole(user: rest[0], role: rest.count > 1 ? rest[1] : nil, .down)
        case ("set-role", 2): self = .setRole(user: rest[0], role: rest[1], nil)
        case ("disable-user", 1): self = .setActive(user: rest[0], false)
        case ("enable-user", 1): self = .setActive(user: rest[0], true)
        case ("view-logs", 0...2):
            let number = rest.last.flatMap { Int($0) }
            let user = rest.first { Int($0) == nil }
            guard rest.count == (number == nil ? 0 : 1) + (user == nil ? 0 : 1) else { return nil }
            guard (1...Self.mostRows).contains(number ?? Self.usualRows) else { return nil }
            self = .viewLogs(user: user, count: number ?? Self.usualRows)
        case ("reload-config", 0): self = .reload
        default: return nil
        }
    }
}
