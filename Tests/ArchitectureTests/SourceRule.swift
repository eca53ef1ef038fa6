/// A rule about the text of the source, with an example that violates it.
struct SourceRule: Sendable, CustomStringConvertible {
    /// A violation: its line, from 1, and what it is.
    struct Finding: Sendable {
        let line: Int
        let what: String
    }

    let name: String
    /// What to do about a finding.
    let advice: String
    /// The files to which the rule applies, by the beginnings of their paths.
    var folders = ["Sources/", "Tests/"]
    /// Files that may violate the rule, with the reason.
    var allowed: [String: String] = [:]
    /// A path and a text in which the rule must find a violation.
    let broken: (path: String, text: String)
    let find: @Sendable (SourceFile) -> [Finding]

    var description: String { name }

    func findings(in file: SourceFile) -> [Finding] { file.isIn(folders) ? find(file) : [] }

    /// The violations in those files, one line each, and the allowances that are no longer needed.
    func problems(in files: [SourceFile]) -> [String] {
        var problems: [String] = []
        var unused = Set(allowed.keys)
        for file in files {
            let found = findings(in: file)
            guard !found.isEmpty else { continue }
            if unused.remove(file.path) != nil { continue }
            problems += found.map { "\(file.path):\($0.line): \($0.what). \(advice)" }
        }
        return problems + unused.sorted().map { "\($0): no longer breaks \"\(name)\"; remove it from the rule's list." }
    }

    /// A rule whose violations are the matches of a regular expression in one reading of a file.
    static func pattern(
        _ name: String, _ expression: String, in reading: SourceFile.Reading = .code,
        advice: String, folders: [String] = ["Sources/", "Tests/"], allowed: [String: String] = [:],
        broken: (path: String, text: String)
    ) -> SourceRule {
        SourceRule(name: name, advice: advice, folders: folders, allowed: allowed, broken: broken) { file in
            file.matches(expression, in: reading).map { line, match in
                Finding(line: line, what: "`\(match)`")
            }
        }
    }
}
