import Bridge
import Foundation

// Values of the placeholders in templates that have no other, and the line about the asker.
extension UserMessages {
    static let unavailable = "unavailable"
    static let unknown = "unknown"
    /// In the place of a list without items.
    static let none = "none"
    static let noServer = "no server"
    static let noTool = "no tool"
    /// In the place of an error id that is not shown.
    static let inTheLog = "in the log"
    /// In the place of the role that a tool needs: the rules that denied a call need not be about one.
    static let someRole = "another role"
    /// In the place of a limit of requests.
    static let noLimit = "unlimited"

    /// The line about the asker of a question; empty when no element is shown.
    ///
    /// - Parameter servers: the display names of the servers that the asker may use there.
    static func asker(
        _ asker: Principal, _ role: Role, servers: [String], showing info: UserInfoSettings, usesEmoji: Bool
    ) -> String {
        var words: [String] = []
        func word(_ element: UserInfoSettings.Element, _ text: @autoclosure () -> String) {
            if info.elements.contains(element) { words.append(text()) }
        }
        word(.name, "*\(Markdown.escape(asker.name))*")
        word(.role, Markdown.escape(role.displayName))
        word(.email, Markdown.escape(asker.email))
        word(.serverCount, servers.count == 1 ? "1 MCP server" : "\(servers.count) MCP servers")
        word(.serverNames, servers.isEmpty ? "no servers" : servers.map { Markdown.escape($0) }.joined(separator: ", "))
        word(.permissions, permissions(role))
        let emoji = usesEmoji ? info.roleEmojis[asker.role] ?? info.roleEmojis["default"] : nil
        return ((emoji.map { "\($0) " }) ?? "") + words.joined(separator: " · ")
    }

    private static func permissions(_ role: Role) -> String {
        let all = [
            (role.canBypassToolRestrictions, "may use restricted tools"),
            (role.canExecuteDangerousTools, "may use dangerous tools"),
            (role.canAccessAllDatabases, "may use all databases"), (role.canManageUsers, "manages users"),
            (role.canModifyConfiguration, "reloads the configuration"),
        ]
        let granted = all.filter(\.0).map(\.1)
        return granted.isEmpty ? "no special permissions" : granted.joined(separator: ", ")
    }
}
