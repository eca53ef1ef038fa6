/// Takes known secrets out of texts that others wrote, before they reach an error or the log.
struct Redaction: Sendable {
    private let secrets: [String]

    /// Values of fewer than four characters are too common to be looked for.
    init(_ secrets: [String]) {
        self.secrets = secrets.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }

    /// The secrets of an entry: its environment, and its credentials with and without their scheme.
    init(_ configuration: ServerConfiguration) {
        var secrets: [String] = []
        if case .stdio(_, _, _, let environment) = configuration.transport { secrets += environment.values }
        for credential in configuration.credentials {
            secrets.append(credential.value.revealed)
            secrets += credential.value.revealed.split(separator: " ").dropFirst().map(String.init)
        }
        self.init(secrets)
    }

    /// One line of at most `limit` characters without the secrets and without control characters.
    func line(_ text: String, limit: Int = 500) -> String {
        var text = text
        for secret in secrets { text = text.replacing(secret, with: "‹secret›") }
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " | ")
        return String(line.unicodeScalars.filter { $0.properties.generalCategory != .control }.map(Character.init))
            .prefix(limit).description
    }
}
