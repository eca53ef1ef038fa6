import Foundation
import Testing

extension SourceRule {
    private static let sql = #"\b(SELECT\s+[\w(*]|INSERT INTO|UPDATE \w+ SET|DELETE FROM|(CREATE|ALTER|DROP) TABLE)"#
    private static let columns =
        #"slack(_(user_id|team_id|channel|message_ts|thread_ts)|UserID|TeamID|Channel|MessageTS|ThreadTS)\b"#

    private static let defaults = #"'\{slack\}'|'\["slack"\]'"#

    /// Private words for modules, entry points, signals and timeouts, and pronouns for callers and processes.
    fileprivate static let privateWords =
        #"(?i)\b(houses?|floors?|rooms?|doors?|walls?(?![ -]clock)|bells?|ropes?|whisper(s|ed|ing)?|patience|desks?"#
        + #"|whoever|(some|no|any|every)body)\b"#

    /// The same words as an identifier or a part of one. `room` is not here, since in code it is free capacity.
    private static let privateParts =
        #"(?<![A-Za-z])(house|floor|door|wall|bell|rope|whisper|patience|desk|whoever|somebody|nobody)s?(?![a-z(])"#
        + #"|(House|Floor|Door|Wall(?!Clock)|Bell|Rope|Whisper|Patience|Desk|Whoever|Somebody|Nobody)s?(?![a-z])"#

    /// Types that have other names now. Names that a library has too are not here.
    private static let formerTypes =
        #"(?<!\.)\b(Asked|AlreadyAsked|Asking|SlackAnswering|CommandDesk|Flights|Fleet|Speech|Holdings|Tidying|Hearing"#
        + #"|GhostWatch|EventFlow|SocketLane|LaneRunner|LanePlan|Pacer|Intake|Incoming|Overheard|HeardTalk|Identify"#
        + #"|Roster|SlackPerson|WorkspacePerson|TerminalVoice|DemoVisit|StoreWatch|Housekeeping|Ending|QuestionLife"#
        + #"|Sighting|Engagement|Predecessor|WhereKept|StoreReturn|AnswerProgress|TurnJudgement|Recall|RecallRules"#
        + #"|FaultPoint|StopSwitch|SocketWatch|CurlEngine|ServerRecord|ModelDirectory|SocketLoop|NeverSo|SideDoor)\b"#

    fileprivate static let useTerms = "Use a term of docs/glossary.md, or name the type, process, user or API meant."

    static let vocabulary: [SourceRule] = [
        .pattern(
            "Bridge does not depend on Slack", "(?i)slack", in: .text,
            advice: "Write asker, thread or place: Bridge also answers HTTP and the command line.",
            folders: ["Sources/Bridge/"],
            allowed: [
                "Sources/Bridge/Bridge.swift": "says that it does not know Slack",
                "Sources/Bridge/Values/Question.swift": "the closed list of entry points, as the store has them",
                "Sources/Bridge/Values/Principal.swift": "says that it is not a user's name, and the reserved domain",
                "Sources/Bridge/Values/ErrorCode.swift": "says where its codes are shown",
                "Sources/Bridge/Policy/PolicyRules.swift": "names the configuration file of a rule",
                "Sources/Bridge/Prompt/PromptBuilder.swift": "tells the model where its readers are",
            ],
            broken: ("Sources/Bridge/A.swift", "let slackChannel = a")),
        SourceRule(
            name: "Analytics names Slack in columns only",
            advice: "Write user, place or thread.", folders: ["Sources/Analytics/"],
            broken: ("Sources/Analytics/A.swift", "struct SlackUser {}")
        ) { file in
            let rest = [columns, defaults].reduce(file.text) { text, known in
                text.replacingOccurrences(of: known, with: "", options: .regularExpression)
            }
            return SourceFile(path: file.path, text: rest).matches("(?i)slack", in: .uncommented)
                .map { Finding(line: $0.line, what: "`\($0.match)`") }
        },
        .pattern(
            "SQL is in Analytics only", sql, in: .uncommented,
            advice: "Give Store a method for it, in Sources/Analytics/Store/Tables.",
            folders: ["Sources/SlackBot/", "Sources/Bridge/", "Sources/WebSockets/", "Sources/SlackEmulator/"],
            broken: ("Sources/SlackBot/A.swift", #"let a = "SELECT id FROM questions""#)),
        .pattern(
            "identifiers are terms of the field", privateParts, advice: useTerms, folders: ["Sources/"],
            broken: ("Sources/SlackBot/A.swift", "let frontDoor = 1")),
        .pattern(
            "types have their present names", formerTypes, advice: useTerms,
            broken: ("Sources/SlackBot/A.swift", "struct Fleet {}")),
        SourceRule(
            name: "comments are in terms of the field", advice: useTerms, folders: ["Sources/"],
            broken: ("Sources/SlackBot/A.swift", "/// Told by whoever stands at the door.")
        ) { file in
            SourceFile(path: "comments", text: comments(of: file)).matches(privateWords, in: .text)
                .map { Finding(line: $0.line, what: "`\($0.match)`") }
        },
    ]

    /// The comments of a file, line by line, without what stands in quotes or backticks: stored values and code.
    private static func comments(of file: SourceFile) -> String {
        let (all, uncommented) = (Array(file.text), Array(file.uncommented))
        guard all.count == uncommented.count else { return "" }
        let comments = zip(all, uncommented).map { original, rest -> Character in
            original != rest || original.isNewline ? original : " "
        }
        return unquoted(String(comments))
    }

    fileprivate static func unquoted(_ text: String) -> String {
        text.replacingOccurrences(of: "`[^`\n]*`|\"[^\"\n]*\"", with: "", options: .regularExpression)
    }
}

/// The documents keep to the same terms as the comments; the decisions in docs/adr keep the words of their time.
@Suite("The vocabulary of documents")
struct DocumentVocabularyTests {
    @Test("documents are in terms of the field")
    func documents() {
        let tops = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].compactMap(SourceTree.file)
        let files = tops + SourceTree.files(in: "docs", endings: ["md"]).filter { !$0.isIn(["docs/adr/"]) }
        #expect(files.count > 5, "the documents are not found any more; mend this test.")
        let problems = files.flatMap(Self.problems)
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test("a private word in a document is found, a quoted one is not")
    func alive() {
        #expect(Self.problems(in: SourceFile(path: "docs/a.md", text: "A door of the house.")).count == 2)
        #expect(Self.problems(in: SourceFile(path: "docs/a.md", text: "The column `door`.")).isEmpty)
    }

    private static func problems(in file: SourceFile) -> [String] {
        SourceFile(path: file.path, text: SourceRule.unquoted(file.text)).matches(SourceRule.privateWords, in: .text)
            .map { "\(file.path):\($0.line): `\($0.match)`. \(SourceRule.useTerms)" }
    }
}
