import Analytics
import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("Export for security information systems")
struct SecurityFormatTests {
    private static let text = "a|b=c\\d \"e\"\nf\r\ng"

    private func row() -> AuditRow {
        let asker = Principal(
            email: "ada@example.com", name: "Ada", role: "dba",
            source: RuleSource(file: "users.yaml", line: 3, key: "ada"))
        let question = Question(
            asker: asker, text: Self.text, place: Place(entryPoint: .http),
            threadKey: "t", askedAt: Date(timeIntervalSince1970: 1_795_392_000))
        let finished = FinishedQuestion(
            question, outcome: .answered(Answer(text: "so", usage: Usage())),
            finishedAt: Date(timeIntervalSince1970: 1_795_392_001.5))
        var row = AuditRow(finished)
        row.id = 17
        row.address = "::1"
        return row
    }

    @Test("CEF escapes what its format demands, and a row is one line")
    func cef() {
        let line = CEF.line(row())
        #expect(
            line.hasPrefix("CEF:0|Omni|omni|\(Version.current)|question.success|Question answered|1|externalId=17 "))
        #expect(line.contains(#" msg=a|b\=c\\d "e"\nf\r\ng "#))
        #expect(line.contains(" rt=1795392001500 ") && line.contains(" suser=ada@example.com "))
        #expect(line.contains(" c6a2=::1 ") && !line.contains(" src="))
        #expect(line.unicodeScalars.filter { $0 == "\n" || $0 == "\r" }.count == 1)
        #expect(CEF.headerText("a|b\\c\nd") == #"a\|b\\c d"#)
    }

    @Test("a syslog line has RFC 5424's header and the row as JSON")
    func syslog() throws {
        let line = SyslogLine.text(row(), host: SyslogLine.header("my host", most: 255))
        #expect(line.hasPrefix("<110>1 2026-11-23T00:00:01.500Z myhost omni - question - {"))
        #expect(line.unicodeScalars.filter { $0 == "\n" || $0 == "\r" }.count == 1)
        let start = try #require(line.firstIndex(of: "{"))
        let json = try JSONValue(parsing: String(line[start...]))
        #expect(json["message"]?.string == Self.text && json["id"] == 17)
        #expect(SyslogLine.header("", most: 255) == "-")
    }

    @Test("a CSV cell keeps quotes, bars and line ends")
    func csv() {
        #expect(CSV.line([.string(Self.text)]) == "\"a|b=c\\d \"\"e\"\"\nf\r\ng\"\r\n")
    }
}
