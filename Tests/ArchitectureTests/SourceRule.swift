/// One rule about the text of the source, with a text that breaks it.
struct SourceRule: Sendable, CustomStringConvertible {
    struct Finding: Sendable {
        let line: Int
        let what: String
    }

    let name: String
    /// What to do about a finding.
    let advice: String
    /// The files that the rule is about, by the beginnings of their paths.
    var folders = ["Sources/", "Tests/"]
    /// Files that may break the rule, and why.
    var allowed: [String: String] = [:]
    /// A path and a text in which the rule must find something.
    let broken: (path: String, text: String)
    let find: @Sendable (SourceFile) -> [Finding]

    var description: String { name }

    func findings(in file: SourceFile) -> [Finding] { file.isIn(folders) ? find(file) : [] }

    /// What is wrong in those files, one line a finding, and the allowances that nothing needs any more.
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

    /// A rule that an expression finds in one reading of a file.
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
