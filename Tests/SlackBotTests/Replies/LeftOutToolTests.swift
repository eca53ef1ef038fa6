import Bridge
import Testing

@testable import SlackBot

@Suite("Tools that no model is told of, in /omni-status")
struct LeftOutToolTests {
    @Test("a server has tools that cannot be told to a model: the status names them and why")
    func named() {
        var server = ServerStatus(name: "shop", displayName: "Shop", state: .healthy, tools: 9)
        #expect(!StatusView.text(report(server)).contains("Left out"))
        server.leftOut = (1...7).map { LeftOutTool(name: "t\($0)", reason: "its inputSchema describes no object") }
        let text = StatusView.text(report(server))
        #expect(text.contains("Left out: `t1` (its inputSchema describes no object), `t2`"))
        #expect(text.contains("`t5` (its inputSchema describes no object) and 2 more"))
        #expect(!text.contains("t6"))
        #expect(!StatusView.text(report(server), tellsProblems: false).contains("Left out"), "it is for administrators")
    }

    private func report(_ server: ServerStatus) -> HealthReport {
        HealthReport(
            servers: [server], store: "SQLite", model: "offline", questions: 0, uptime: .seconds(5), readiness: .ready)
    }
}
