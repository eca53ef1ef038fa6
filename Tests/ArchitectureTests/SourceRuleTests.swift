import Testing

@Suite("Architecture rules")
struct SourceRuleTests {
    @Test("the source follows the rule", arguments: SourceRule.all)
    func kept(_ rule: SourceRule) {
        let problems = rule.problems(in: SourceTree.swift)
        #expect(problems.isEmpty, "\(rule.name):\n\(problems.joined(separator: "\n"))")
    }

    @Test("a text that violates the rule is found", arguments: SourceRule.all)
    func alive(_ rule: SourceRule) {
        let file = SourceFile(path: rule.broken.path, text: rule.broken.text)
        #expect(!rule.findings(in: file).isEmpty)
    }

    @Test("the source tree is read")
    func tree() {
        #expect(SourceTree.swift.contains { $0.path == "Sources/Bridge/Bridge.swift" })
        #expect(SourceTree.swift.contains { $0.path == "Tests/ArchitectureTests/SourceRuleTests.swift" })
    }

    @Test("comments and literals are distinguished from code, interpolations are code")
    func reading() {
        let text = ##"""
            let a = "try! \(b("x!"))" // c!
            let d = #"\(e) "f" \#(g)"# /* h /* i */ j */ + k
            """##
        let file = SourceFile(path: "a.swift", text: text)
        let names = { (reading: String) in reading.filter(\.isLetter) }
        #expect(names(file.code) == "letabletdgk")
        #expect(names(file.uncommented) == "letatrybxletdefgk")
    }
}

extension SourceRule {
    static let all = imports + safety + sizes + vocabulary
}
