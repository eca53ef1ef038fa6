import Foundation
import TestKit

@testable import SlackBot

/// The repository's files, and configuration folders made from texts.
enum ConfigFixtures {
    /// The repository's root, four folders above this file.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let fixtures = root.appending(path: "Tests/Fixtures/config")

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Loads files given as texts by name, from a temporary folder.
    static func load(
        _ files: [String: String], environment: [String: String] = [:]
    ) throws -> (settings: Settings?, problems: [ConfigProblem]) {
        try withFolder(files) { folder in
            let (settings, problems) = SettingsLoader.load(
                folder: folder, environment: EnvironmentVariables(environment))
            return (settings, problems)
        }
    }

    static func withFolder<Outcome>(_ files: [String: String], _ body: (String) throws -> Outcome) throws -> Outcome {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        for (name, text) in files { try Data(text.utf8).write(to: folder.url.appending(path: name)) }
        return try body(folder.path)
    }

    /// The shipped files with each commented-out key made active: `#key` is configuration, `# text` is prose.
    static func shippedInFull() throws -> [String: String] {
        var files: [String: String] = [:]
        for name in SettingsLoader.fileNames {
            files[name] = try text("config/\(name)").split(separator: "\n", omittingEmptySubsequences: false)
                .map { $0.replacing(#/^(\s*)#(?=\S)/#) { "\($0.output.1)" } }.joined(separator: "\n")
        }
        return files
    }

    /// The environment variables that the examples in the shipped files refer to.
    static let environment = [
        "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "ANTHROPIC_API_KEY": "sk-1",
        "DATABASE_URL": "postgresql://omni:pass@localhost/omni", "DATABASE_MCP_TOKEN": "t", "TICKETS_PASSWORD": "p",
        "SEARCH_KEY": "k",
    ]
}
