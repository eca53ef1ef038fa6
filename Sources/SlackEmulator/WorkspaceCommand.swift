/// A slash command of the app's manifest.
package struct WorkspaceCommand: Sendable, Hashable {
    /// With its slash.
    package var name: String
    /// The short description in the command palette.
    package var summary: String
    /// The hint on the arguments; may be empty.
    package var usageHint: String

    package init(name: String, summary: String, usageHint: String = "") {
        self.name = name
        self.summary = summary
        self.usageHint = usageHint
    }

    /// The commands of Omni's manifest.
    package static let omni: [WorkspaceCommand] = [
        WorkspaceCommand(name: "/omni", summary: "Ask a question", usageHint: "question"),
        WorkspaceCommand(name: "/omni-help", summary: "What you may use", usageHint: "topic"),
        WorkspaceCommand(name: "/omni-status", summary: "Servers, model, store"),
        WorkspaceCommand(name: "/omni-tool", summary: "Call a tool", usageHint: "server tool key=value …"),
        WorkspaceCommand(name: "/omni-history", summary: "Your last questions", usageHint: "n"),
        WorkspaceCommand(
            name: "/omni-admin", summary: "Administration", usageHint: "list-users, view-logs, reload-config …"),
    ]
}
