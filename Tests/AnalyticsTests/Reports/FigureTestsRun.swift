import Bridge
import Foundation
import Testing

@testable import Analytics

/// Records questions and compares all reports with the model.
enum FigureTestsRun {
    /// The servers that are observed: one without calls, one that is disabled.
    private static let servers = [
        ServerStatus(name: "demo", displayName: "Demo", state: .healthy, tools: 0),
        ServerStatus(name: "idle", displayName: "Idle", state: .unhealthy, tools: 0, problem: "connection refused"),
        ServerStatus(name: "ops", displayName: "Ops", state: .disabled, tools: 0),
    ]

    static func address(_ server: String) -> String { "https://\(server).example.com/mcp" }

    typealias Call = (name: String, arguments: JSONObject)

    /// Records the questions in each store and makes the model of them, which is the same for all stores.
    static func record(
        _ finished: [FinishedQuestion], now: Date, in zone: FigureTestsZone, _ stores: [FigureTestsStore]
    ) async throws -> FigureTestsModel {
        var models: [FigureTestsModel] = []
        for one in stores { models.append(try await record(finished, now: now, in: zone, one.store)) }
        let model = try #require(models.first)
        for other in models {
            try #require(other.questions.map(\.auditID) == model.questions.map(\.auditID))
            try #require(other.users == model.users)
        }
        return model
    }

    /// Records the questions, with some votes, users and servers, and makes the model of them.
    static func record(
        _ finished: [FinishedQuestion], now: Date, in zone: FigureTestsZone, _ store: Store
    ) async throws -> FigureTestsModel {
        let ada = try await store.add(SeenUser(email: "ada@example.com", name: "Ada", role: "dba"))
        try await store.record(finished)
        let rows = try await store.database.read { connection in
            try connection.query("SELECT id, question_id FROM audit_logs", [])
        }
        let ids = Dictionary(
            rows.map { ($0.text("question_id") ?? "", $0.int("id") ?? 0) }, uniquingKeysWith: { first, _ in first })
        var questions = finished.map { question in
            FigureTestsQuestion(question, auditID: ids[question.question.id.text] ?? 0, in: zone)
        }
        for index in questions.indices where index % 9 == 0 {
            questions[index].votes = [[1], [1, 1, -1], [-1]][index / 9 % 3]
            try await vote(questions[index], store)
        }
        for server in servers { try await store.observed(server, url: address(server.name)) }
        var model = FigureTestsModel(questions, now: now, in: zone)
        model.users = [ada.id: ada.email]
        model.observed = servers
        return model
    }

    /// Sums the months up to the day before, and the reports read these sums.
    static func sumMonths(now: Date, _ stores: [FigureTestsStore]) async throws {
        for one in stores {
            try await one.store.sumMonths(now: now)
            let summed = try await one.store.database.read { try Store.summedMonths(on: $0) }
            #expect(summed.count > 1)
        }
    }

    private static func vote(_ question: FigureTestsQuestion, _ store: Store) async throws {
        let finished = question.finished
        // A vote needs the row of its question, which `record` does not write.
        _ = try await store.accept(NewQuestion(finished.question, origin: finished.origin))
        let votes = question.votes
        try await store.database.write { connection in
            for (index, vote) in votes.enumerated() {
                try SQLStatement.insert(
                    into: "feedback",
                    [
                        ("question_id", .text(finished.question.id.text)), ("voter", .text("U\(index)")),
                        ("vote", .int(Int64(vote))),
                    ], on: connection)
            }
        }
    }

    /// Each report with each choice, the same for single users, and with limits and filters in each period.
    static func calls(users: [JSONValue], filters: [Call] = Self.filters) -> [Call] {
        var calls = choices
        for (name, arguments) in choices where has(name, "user_id") {
            for user in users {
                var ofUser = arguments
                ofUser["user_id"] = user
                calls.append((name: name, arguments: ofUser))
            }
        }
        for period in ReportPeriod.allCases {
            for (name, arguments) in filters {
                var more = arguments
                more["period"] = .string(period.rawValue)
                calls.append((name: name, arguments: more))
            }
        }
        return calls
    }

    /// Each report with all combinations of its choices, and without any: each choice has its own default.
    private static var choices: [Call] {
        ReportRun.calls.filter { name, arguments in
            let all = AnalyticsReports.named(name)?.parameters.count { parameter in
                if case .choice = parameter.kind { true } else { false }
            }
            return arguments.isEmpty || arguments.count == all
        }
    }

    /// The figures of a single tool's errors are those of its calls, not of questions.
    static let errorsOfTool: Call = ("get_error_summary", ["mcp_name": "ops", "tool_name": "b"])

    static var filters: [Call] {
        var filters = [errorsOfTool]
        func add(_ name: String, _ parameter: String, _ values: [JSONValue]) {
            for value in values { filters.append((name, [parameter: value])) }
        }
        for name in ["get_top_expensive_queries", "get_slow_queries", "get_failed_queries"] {
            add(name, "limit", [1, 100])
        }
        for name in ["get_active_users", "get_tool_popularity"] { add(name, "limit", [1, 3, 100]) }
        add("get_slow_queries", "min_duration_ms", [0, 1, 5001, 86_400_000])
        add("get_iteration_analysis", "min_iterations", [1, 9, 1000])
        add("get_active_users", "role", ["dba", "o'brien's", "開発", "none at all"])
        add("get_error_summary", "mcp_name", ["demo", "söre'n", "idle"])
        add("get_error_summary", "tool_name", ["a", "demo.größe", "ops__t12", "b.b"])
        return filters
    }

    private static func has(_ name: String, _ parameter: String) -> Bool {
        AnalyticsReports.named(name)?.parameters.contains { $0.name == parameter } == true
    }

    /// Runs the calls on each store and compares the structured content, field by field, and the totals of the Markdown.
    static func check(
        _ model: FigureTestsModel, _ calls: [Call], now: Date, seed: UInt64, _ stores: [FigureTestsStore]
    ) async throws {
        for (name, arguments) in calls {
            let expected = model.expected(name, arguments)
            for one in stores {
                let result = try await ReportRun.result(name, arguments, in: one.store, now: now)
                let differences = FigureTestsComparison.differences(expected, .object(result.structured))
                let call = "\(name) \(JSONValue.object(arguments).text()), \(one.backend), \(model.zone), seed \(seed)"
                #expect(differences.isEmpty, "\(call): \(differences.prefix(4).joined(separator: "; "))")
                #expect(FigureTestsComparison.missingTotals(result) == [], "\(call)")
            }
        }
    }
}
