import Testing

@Suite("House rules")
struct RuleTests {
    @Test("the source keeps the rule", arguments: Rule.all)
    func kept(_ rule: Rule) {
        let problems = rule.problems(in: SourceTree.swift)
        #expect(problems.isEmpty, "\(rule.name):\n\(problems.joined(separator: "\n"))")
    }

    @Test("a text that breaks the rule is found", arguments: Rule.all)
    func alive(_ rule: Rule) {
        let file = SourceFile(path: rule.broken.path, text: rule.broken.text)
        #expect(!rule.findings(in: file).isEmpty)
    }

    @Test("the source tree is read")
    func tree() {
        #expect(SourceTree.swift.contains { $0.path == "Sources/Bridge/Bridge.swift" })
        #expect(SourceTree.swift.contains { $0.path == "Tests/HouseRules/RuleTests.swift" })
    }

    @Test("comments and literals are told apart from code, interpolations are code")
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

extension Rule {
    static let all = walls + safety + shape + words
}
