import Analytics
import Bridge
import Foundation

/// The figures of the audit log that administrators see in the App Home, from the structured content of three reports.
struct HomeFigures: Sendable, Hashable {
    /// A message of an error, with the number of questions that ended with it.
    struct ErrorCount: Sendable, Hashable {
        let message: String
        let count: Int
    }

    /// The number of messages that are named.
    private static let most = 3

    /// Of today.
    let use: HomePage.Use
    /// Questions of today that ended with an error or a refusal.
    let errors: Int
    /// Tool calls of today that failed or whose effect is unknown.
    let failedCalls: Int
    /// The most frequent first.
    let messages: [ErrorCount]
    /// By the calls of the last seven days, the slowest first.
    let slowest: [DigestMessage.Server]

    /// - Parameters:
    ///   - cost: the structured content of `get_cost_summary`.
    ///   - errors: that of `get_error_summary`.
    ///   - servers: that of `get_mcp_health_summary`.
    init(cost: JSONObject, errors: JSONObject, servers: JSONObject) {
        use = HomePage.Use(cost)
        self.errors = errors["totals"]?["errors"]?.int ?? 0
        failedCalls = errors["totals"]?["failed_calls"]?.int ?? 0
        messages = (errors["rows"]?.array ?? []).prefix(Self.most).compactMap { row in
            guard let message = row["message"]?.string, let count = row["count"]?.int else { return nil }
            return ErrorCount(message: message, count: count)
        }
        slowest = DigestMessage.slowest(servers["rows"]?.array ?? [])
    }

    /// Reads the reports. Throws ``StoreError`` and ``ReportProblem``.
    static func read(at now: Date, in store: Store) async throws -> HomeFigures {
        let today: JSONObject = ["period": .string(ReportPeriod.today.rawValue)]
        return HomeFigures(
            cost: try await DigestReports.run("get_cost_summary", today, now, store).structured,
            errors: try await DigestReports.run("get_error_summary", today, now, store).structured,
            servers: try await DigestReports.run("get_mcp_health_summary", [:], now, store).structured)
    }
}

extension HomePage.Use {
    /// The totals of `get_cost_summary`'s structured content.
    init(_ cost: JSONObject) {
        let totals = cost["totals"]
        self.init(
            questions: totals?["questions"]?.int ?? 0, cost: Money(nano: Int64(totals?["cost_nano"]?.int ?? 0)))
    }

    /// The questions of one user since local midnight. Throws ``StoreError`` and ``ReportProblem``.
    static func read(of email: String, at now: Date, in store: Store) async throws -> HomePage.Use {
        let arguments: JSONObject = ["period": .string(ReportPeriod.today.rawValue), "user_id": .string(email)]
        return HomePage.Use(try await DigestReports.run("get_cost_summary", arguments, now, store).structured)
    }
}
