/// A text of `templates` in slack.yaml: text with placeholders in braces, as `{error_id}`.
struct MessageTemplate: Sendable, Hashable {
    /// The placeholders, with the names that the original system gave them.
    enum Placeholder: String, Sendable, Hashable, CaseIterable {
        // Who asks.
        case name, role
        case userRole = "user_role"
        case requiredRole = "required_role"
        case rateLimit = "rate_limit"
        // The answer or the failure.
        case emoji, duration, result
        case serverName = "mcp_name"
        case toolName = "tool_name"
        case errorMessage = "error_message"
        case hint = "helpful_hint"
        case errorID = "error_id"
        case serverStatus = "mcp_status"
        case lastSeen = "last_seen"
        // Help and status.
        case commands = "commands_list"
        case toolCount = "allowed_tools_count"
        case examples = "examples_list"
        case servers = "mcps_list"
        case totalTools = "total_tools"
        case activeUsers = "active_users"
        case requestsToday = "requests_today"
        case uptime, version
    }

    private enum Piece: Sendable, Hashable {
        case text(String)
        case placeholder(Placeholder)

        var isBlank: Bool {
            guard case .text(let text) = self else { return false }
            return text.allSatisfy(\.isWhitespace)
        }
    }

    private let pieces: [Piece]
    /// The names in braces that are no placeholder of this text; they stay as they are written.
    let unknown: [String]

    /// - Parameter known: the placeholders that have a value where the text is used.
    init(_ text: String, known: [Placeholder]) {
        var pieces: [Piece] = []
        var unknown: [String] = []
        var rest = text[...]
        while let match = rest.firstMatch(of: #/\{([A-Za-z_][A-Za-z0-9_]*)\}/#) {
            let name = String(match.output.1)
            let placeholder = Placeholder(rawValue: name).flatMap { known.contains($0) ? $0 : nil }
            pieces.append(.text(String(rest[..<match.range.lowerBound])))
            pieces.append(placeholder.map { .placeholder($0) } ?? .text(String(match.output.0)))
            if placeholder == nil { unknown.append(name) }
            rest = rest[match.range.upperBound...]
        }
        self.pieces = pieces + [.text(String(rest))]
        self.unknown = unknown
    }

    /// Whether the text is the placeholder alone.
    func isOnly(_ placeholder: Placeholder) -> Bool {
        pieces.allSatisfy { $0 == .placeholder(placeholder) || $0.isBlank } && has(placeholder)
    }

    func has(_ placeholder: Placeholder) -> Bool { pieces.contains(.placeholder(placeholder)) }

    /// The text with the values in it; nothing where a value is missing. A value is not searched for placeholders.
    func text(_ values: [Placeholder: String]) -> String { Self.text(pieces, values).trimmingSpace }

    /// The texts before, between and after the places of the placeholder, with the values in them.
    func texts(around placeholder: Placeholder, _ values: [Placeholder: String]) -> [String] {
        pieces.split(omittingEmptySubsequences: false) { $0 == .placeholder(placeholder) }
            .map { Self.text($0, values) }
    }

    private static func text(_ pieces: some Sequence<Piece>, _ values: [Placeholder: String]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .placeholder(let placeholder): values[placeholder] ?? ""
            }
        }.joined()
    }
}
