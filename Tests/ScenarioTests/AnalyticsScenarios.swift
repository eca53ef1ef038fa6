import Analytics
import Bridge
import Foundation
import SlackEmulator
import TestKit
import Testing

@testable import SlackBot

@Suite("Administrators ask about the audit log", .timeLimit(.minutes(10)))
struct AnalyticsScenarios {
    /// A workspace with a history of some weeks.
    private func open(
        _ plan: InProcessBot.Plan = InProcessBot.Plan(),
        _ body: @escaping @Sendable (InProcessBot) async throws -> Void
    ) async throws {
        var plan = plan
        plan.environment["OMNI_ADMIN_TOKEN"] = SidePortClient.token
        try await InProcessBot.run(plan) { bot in
            try await bot.store.record(DemoHistory.questions())
            try await body(bot)
        }
    }

    @Test("an administrator asks for today's cost without a language model, and gets the figure of the audit log")
    func cost() async throws {
        try await open { bot in
            let root = try bot.emulator.say(as: "cleo", in: "#ops", "@omni show me cost for today")
            let answer = try await bot.answer(in: "#ops", root)
            #expect(answer.contains("omni2_analytics_mcp.get_cost_summary"))
            let today = Timestamp.text(Date()).prefix(10)
            let rows = try await bot.store.recent(limit: 1000).filter {
                Timestamp.text($0.createdAt).hasPrefix(today) && $0.requestType != "tool" && $0.model != "offline"
            }
            let cost = rows.reduce(Money.zero) { $0 + $1.cost }
            #expect(answer.contains("\(cost)"), "the sum of today's rows is \(cost)")
        }
    }

    @Test("a reader who asks for the cost is refused with the rule that decided")
    func refused() async throws {
        try await open { bot in
            let root = try bot.emulator.say(as: "ben", in: "#ops", "@omni show me cost for today")
            let answer = try await bot.answer(in: "#ops", root)
            #expect(answer.contains("administrators only"))
            #expect(!answer.contains("$"))
            let row = try #require(try await bot.store.recent(AuditFilter(user: "ben@acme.example"), limit: 1).first)
            #expect(row.wasBlocked)
            #expect(row.blockReason?.contains("analytics") == true)
        }
    }

    @Test("a model that names an analytics tool for a reader gets a refusal; to an administrator the tools are offered")
    func namedAnyway() async throws {
        try await ModelDouble.run { model in
            try await open(model.plan) { bot in
                try await model.script(
                    ["calls": [["name": "omni2_analytics_mcp__get_cost_summary", "input": ["period": "today"]]]],
                    ["text": "I may not show it."], ["text": "Here you are."], in: bot)
                let bens = try bot.emulator.say(as: "ben", in: "#ops", "@omni what did we spend?")
                _ = try await bot.answer(in: "#ops", bens)
                let cleos = try bot.emulator.say(as: "cleo", in: "#ops", "@omni what did we spend?")
                _ = try await bot.answer(in: "#ops", cleos)
                let offered = try await model.journal(in: bot).map { request in
                    (request["body"]?["tools"]?.array ?? []).compactMap { $0["name"]?.string }
                        .filter { $0.hasPrefix("omni2_analytics_mcp__") }.count
                }
                #expect(offered == [0, 0, 11])
                let row = try #require(
                    try await bot.store.recent(AuditFilter(user: "ben@acme.example"), limit: 1).first)
                let calls = try await bot.store.toolCalls(of: try #require(row.questionID.flatMap { ULID($0) }))
                #expect(calls.map(\.decision) == [.deny])
                #expect(calls.first?.rule?.contains("analytics") == true)
            }
        }
    }

    @Test("the same figures come over HTTP with the administrator's token; an unknown period is named")
    func http() async throws {
        try await open { bot in
            let sidePort = try SidePortClient(bot)
            #expect(try await sidePort.get("/admin/analytics", token: nil).status == 401)
            let list = try await sidePort.get("/admin/analytics")
            #expect(list.body.array?.count == 11)
            let cost = try await sidePort.get("/admin/analytics/cost_summary?period=month&group_by=user")
            #expect(cost.status == 200)
            #expect(cost.body["period"] == "month")
            let wrong = try await sidePort.get("/admin/analytics/cost_summary?period=decade")
            #expect(wrong.status == 400)
            #expect(wrong.body["error"]?["message"]?.string?.contains("today") == true)
            #expect(try await sidePort.get("/admin/analytics/nothing").status == 404)
            for report in AnalyticsReports.all {
                #expect(try await sidePort.get("/admin/analytics/\(report.name)").status == 200, "\(report.name)")
            }
        }
    }

    @Test("with its entry disabled in mcps.yaml there are no analytics tools")
    func disabled() async throws {
        var plan = InProcessBot.Plan()
        plan.mcps = "mcps:\n  - {name: omni2_analytics_mcp, enabled: false, url: \"http://127.0.0.1:8302/mcp\"}\n"
        try await open(plan) { bot in
            #expect(!bot.omni.app.registry.statuses.contains { $0.name == Policy.analyticsServer })
        }
    }
}
