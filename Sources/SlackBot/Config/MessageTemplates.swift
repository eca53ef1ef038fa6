import Yams

/// `templates` of slack.yaml: texts in the place of Omni's own; nil: Omni's own text.
struct MessageTemplates: Sendable, Hashable {
    /// Under a user's first answer; nil: nothing.
    var welcome: MessageTemplate?
    /// Around an answer, in Markdown; nil: nothing. All others are mrkdwn.
    var success: MessageTemplate?
    var failure: MessageTemplate?
    var denied: MessageTemplate?
    /// In the place of `failure`, when the server of a tool cannot be used.
    var unavailable: MessageTemplate?
    var help: MessageTemplate?
    var status: MessageTemplate?
}

/// Decodes `templates` of slack.yaml.
enum TemplatesSection {
    static func decode(_ node: ConfigNode) -> MessageTemplates {
        var templates = MessageTemplates()
        templates.welcome = template(node["welcome"], [.name, .role, .rateLimit, .servers, .examples])
        let success = template(
            node["query_success"], [.emoji, .duration, .result, .serverName, .toolName], required: .result)
        templates.success = success.flatMap { $0.isOnly(.result) ? nil : $0 }
        templates.failure = template(
            node["query_error"], [.emoji, .duration, .errorMessage, .hint, .errorID, .serverName, .toolName])
        templates.denied = template(
            node["permission_denied"], [.emoji, .serverName, .toolName, .userRole, .requiredRole, .errorMessage])
        templates.unavailable = template(
            node["mcp_unavailable"], [.emoji, .serverName, .serverStatus, .lastSeen, .errorMessage, .hint, .errorID])
        templates.help = template(
            node["help"], [.name, .role, .rateLimit, .commands, .toolCount, .examples, .servers])
        templates.status = template(
            node["status"],
            [.serverStatus, .servers, .totalTools, .activeUsers, .requestsToday, .uptime, .version, .emoji])
        return templates
    }

    /// nil when absent or empty. An unknown placeholder is a warning, because the text can be used without it.
    private static func template(
        _ node: ConfigNode, _ known: [MessageTemplate.Placeholder], required: MessageTemplate.Placeholder? = nil
    ) -> MessageTemplate? {
        guard let text = node.text(), !text.trimmingSpace.isEmpty else { return nil }
        let template = MessageTemplate(text, known: known)
        let names = known.map(\.rawValue)
        for name in template.unknown {
            let nearest = SpellingSuggestion.of(name, among: names)
            // The value of a variable is not shown.
            let isWritten = node.node?.scalar?.string.contains("{\(name)}") ?? false
            node.report(
                isWritten ? "unknown placeholder {\(name)}" : "unknown placeholder in a variable", .warning,
                hint: nearest.map { "did you mean {\($0)}?" }
                    ?? "use \(names.map { "{\($0)}" }.joined(separator: ", "))")
        }
        if let required, !template.has(required) {
            node.report(
                "a text without {\(required.rawValue)}, which would be lost", hint: "write {\(required.rawValue)} in it"
            )
            return nil
        }
        return template
    }
}
