import Foundation

extension SourceRule {
    private static let sql = #"\b(SELECT\s+[\w(*]|INSERT INTO|UPDATE \w+ SET|DELETE FROM|(CREATE|ALTER|DROP) TABLE)"#
    private static let columns =
        #"slack(_(user_id|team_id|channel|message_ts|thread_ts)|UserID|TeamID|Channel|MessageTS|ThreadTS)\b"#

    private static let defaults = #"'\{slack\}'|'\["slack"\]'"#

    static let vocabulary: [SourceRule] = [
        .pattern(
            "the bridge does not know who it speaks through", "(?i)slack", in: .text,
            advice: "Say asker, thread or place: the bridge answers HTTP and the command line too.",
            folders: ["Sources/Bridge/"],
            allowed: [
                "Sources/Bridge/Bridge.swift": "says that it does not know",
                "Sources/Bridge/Values/Question.swift": "the closed list of doors, as the record keeps them",
                "Sources/Bridge/Values/Principal.swift": "says that it is not a person's name, and the reserved domain",
                "Sources/Bridge/Values/ErrorCode.swift": "says where its codes are seen",
                "Sources/Bridge/Policy/PolicyRules.swift": "names the configuration file of a rule",
                "Sources/Bridge/Prompt/PromptBuilder.swift": "tells the model where its readers are",
            ],
            broken: ("Sources/Bridge/A.swift", "let slackChannel = a")),
        SourceRule(
            name: "the record knows Slack by the names of columns only",
            advice: "Say person, place or thread.", folders: ["Sources/Analytics/"],
            broken: ("Sources/Analytics/A.swift", "struct SlackSighting {}")
        ) { file in
            let rest = [columns, defaults].reduce(file.text) { text, known in
                text.replacingOccurrences(of: known, with: "", options: .regularExpression)
            }
            return SourceFile(path: file.path, text: rest).matches("(?i)slack", in: .text)
                .map { Finding(line: $0.line, what: "`\($0.match)`") }
        },
        .pattern(
            "SQL is spoken in the store only", sql, in: .uncommented,
            advice: "Give the record a method for it, in Sources/Analytics/Store/Tables.",
            folders: ["Sources/SlackBot/", "Sources/Bridge/", "Sources/WebSockets/", "Sources/SlackEmulator/"],
            broken: ("Sources/SlackBot/A.swift", #"let a = "SELECT id FROM questions""#)),
    ]
}
