import Foundation
import Testing

@testable import SlackBot

@Suite("The .env file")
struct EnvironmentVariablesTests {
    @Test(
        "a line gives a name and a value",
        arguments: [
            ("A=b", "b"), ("export A=b", "b"), ("A = b ", "b"), ("A=\"b c\" # note", "b c"), ("A='b # c'", "b # c"),
            ("A=b # note", "b"), ("A=b#c", "b#c"), ("A=", ""), ("A=\"x\\ny\\\"z\"", "x\ny\"z"), ("A='x\\n'", "x\\n"),
            ("A=x=y", "x=y"), ("  A=b\r", "b"), ("\u{FEFF}A=b", "b"), ("A=# all comment", ""),
        ])
    func line(_ line: String, _ value: String) {
        let (values, problems) = DotEnv.parse(line, file: ".env")
        #expect(problems == [])
        #expect(values == ["A": value])
    }

    @Test("a malformed line is a warning with its number and without its content")
    func badLines() {
        let (values, problems) = DotEnv.parse("A=1\n\n# note\nhidden\n1B=hidden\nC=\"hidden\nD=2", file: ".env")
        #expect(values == ["A": "1", "D": "2"])
        #expect(problems.map(\.line) == [4, 5, 6])
        #expect(problems.allSatisfy { $0.severity == .warning && !$0.description.contains("hidden") })
    }

    @Test("the process's own environment takes precedence over the file")
    func processWins() throws {
        try ConfigFixtures.withFolder([".env": "A=file\nB=file\n"]) { folder in
            let (environment, problems) = EnvironmentVariables.load(process: ["A": "process"], dotEnv: "\(folder)/.env")
            #expect(problems == [])
            #expect(environment["A"] == "process")
            #expect(environment["B"] == "file")
            #expect(environment["C"] == nil)
        }
    }

    @Test("without a file there is only the process's environment")
    func noFile() {
        let (environment, problems) = EnvironmentVariables.load(process: ["A": "process"], dotEnv: "/nowhere/.env")
        #expect(problems == [])
        #expect(environment["A"] == "process")
    }
}
