/// Removes known secrets from text of a server or of its program before the text is put into an error or the log.
struct Redaction: Sendable {
    private let secrets: [String]

    /// Values of fewer than four characters are ignored, since they occur in any text.
    init(_ secrets: [String]) {
        self.secrets = secrets.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }

    /// The secrets of a server's configuration: the values of its environment, arguments that may contain a secret, and
    /// its credentials with and without their scheme.
    init(_ configuration: ServerConfiguration) {
        var secrets: [String] = []
        if case .stdio(let command, let arguments, _, let environment) = configuration.transport {
            secrets += environment.values
            secrets += ArgumentSecrets.find(in: arguments, of: command)
        }
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

/// Finds what may be a secret among the arguments of a program. Which arguments are secret is not known, and many
/// programs print them, so an argument counts as one unless it is short, a path or a plain URL.
private enum ArgumentSecrets {
    /// The fewest characters of a secret; shorter arguments are subcommands, ports and switches.
    private static let shortest = 6

    static func find(in arguments: [String], of command: String) -> [String] {
        var secrets: [String] = []
        var followsCredential = false
        for argument in arguments {
            guard argument.hasPrefix("-") else {
                if followsCredential || !isHarmless(argument, command) { secrets += parts(of: argument) }
                followsCredential = false
                continue
            }
            let pair = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            followsCredential = pair.count == 1 && namesCredential(pair[0])
            if pair.count == 2, namesCredential(pair[0]) || !isHarmless(pair[1], command) {
                secrets += parts(of: pair[1])
            }
        }
        return secrets.filter { $0.count >= shortest }
    }

    private static func namesCredential(_ flag: String) -> Bool {
        let flag = flag.lowercased()
        return ["token", "key", "secret", "password", "passwd", "auth", "credential", "header"].contains {
            flag.contains($0)
        }
    }

    private static func isHarmless(_ argument: String, _ command: String) -> Bool {
        argument == command || isPath(argument) || isPlainURL(argument)
    }

    /// Whether the argument is a path or the name of a scoped package. Base64 may also begin with a slash, but mostly
    /// contains one of the other characters.
    private static func isPath(_ argument: String) -> Bool {
        ["/", "./", "../", "~/", "@"].contains { argument.hasPrefix($0) }
            && !argument.contains { "+=?&: ".contains($0) }
    }

    /// Whether the argument is a URL without user, password, query and fragment.
    private static func isPlainURL(_ argument: String) -> Bool {
        ["http://", "https://"].contains { argument.lowercased().hasPrefix($0) }
            && !argument.contains { "@?# ".contains($0) }
    }

    /// The argument, and the parts of it that a program may print alone: the value after a name (`KEY=value`,
    /// `Name: value`, `user:password@host`) and the token after a scheme (`Bearer abc`).
    private static func parts(of argument: String) -> [String] {
        var parts = [argument]
        for separator: Character in ["=", ":", " "] {
            guard let place = argument.firstIndex(of: separator) else { continue }
            parts.append(String(argument[place...].dropFirst().drop { $0 == " " }))
        }
        parts += argument.split { "=:& ".contains($0) }.dropFirst().map(String.init)
        // The password in a URL ends before "@".
        parts += parts.compactMap { part in part.lastIndex(of: "@").map { String(part[..<$0]) } }
        return parts
    }
}
