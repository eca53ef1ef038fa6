import Bridge

@testable import Analytics

/// The reports by user, by tool and by server.
extension FigureTestsModel {
    func activeUsers(_ arguments: JSONObject) -> JSONValue {
        let role = arguments["role"]?.string
        func of(_ days: ClosedRange<Int>) -> Questions {
            self.of(days).filter { role == nil || $0.role == role }
        }
        let period = Self.period(arguments)
        let users = Dictionary(grouping: of(days(period)), by: \.user)
        let before = daysBefore(period).map { Dictionary(grouping: of($0), by: \.user) }
        let sorted = users.sorted { one, other in
            let (left, right) = (one.value.count, other.value.count)
            return left == right ? one.key < other.key : left > right
        }
        let rows = sorted.prefix(arguments["limit"]?.int ?? 20).map { user, questions in
            Self.user(user, questions, before.map { $0[user]?.count ?? 0 })
        }
        var result = result(period, rows: rows) { days in
            let questions = of(days)
            var totals: JSONValue = [:]
            totals.setCount("users", Set(questions.map(\.user)).count)
            totals.setCount("questions", questions.count)
            totals.setCount("errors", questions.errors)
            totals["error_percent"] = Self.percent(questions.errors, of: questions.count)
            totals.setMoney("cost", questions.cost)
            totals.setLatency(questions.map(\.milliseconds))
            return totals
        }
        result.setText("role", role)
        return result
    }

    private static func user(_ user: String, _ questions: Questions, _ before: Int?) -> JSONValue {
        let last = questions.max { ($0.ended, $0.auditID) < ($1.ended, $1.auditID) }
        var row: JSONValue = ["user": .string(user)]
        row.setText("role", last?.role)
        row.setCount("questions", questions.count)
        row.setCount("errors", questions.errors)
        row["error_percent"] = percent(questions.errors, of: questions.count)
        row.setCount("avg_ms", mean(questions.sum(\.milliseconds), over: questions.count))
        row.setMoney("cost", questions.cost)
        row.setText("last_activity", last?.time)
        row.setCount("previous_questions", before)
        row["change"] = before.map { change(questions.count, $0) }
        return row
    }

    /// The calls of a tool or server in some questions.
    private struct Calls {
        var server = ""
        var tool = ""
        var durations: [Int] = []
        var failed = 0
        var denied = 0
        var questions: Set<Int64> = []
        var cost = 0
        var up = 0
        var down = 0

        var count: Int { durations.count }
    }

    private static func calls(_ questions: Questions, by key: (ToolName) -> String) -> [String: Calls] {
        var calls: [String: Calls] = [:]
        for question in questions {
            for call in question.usage.calls {
                calls[key(call.name), default: Calls(server: call.name.server, tool: call.name.tool)].denied +=
                    call.outcome == .denied ? 1 : 0
            }
            for (call, part) in zip(question.sent, question.parts) {
                let name = key(call.name)
                calls[name]?.durations.append(call.milliseconds)
                calls[name]?.failed += call.outcome == .succeeded ? 0 : 1
                calls[name]?.cost += part
                if calls[name]?.questions.insert(question.auditID).inserted == true {
                    calls[name]?.up += question.votes.count { $0 > 0 }
                    calls[name]?.down += question.votes.count { $0 < 0 }
                }
            }
        }
        return calls
    }

    func tools(_ arguments: JSONObject) -> JSONValue {
        let period = Self.period(arguments)
        let limit = arguments["limit"]?.int ?? 20
        let present = Self.tools(of(days(period)))
        let before = daysBefore(period).map { Self.tools(of($0)) }
        let sorted = present.sorted { one, other in
            let (left, right) = (one.value.count, other.value.count)
            return left == right ? one.key < other.key : left > right
        }
        let rows = sorted.prefix(limit).map { name, calls in
            Self.tool(calls, before.map { $0[name]?.count ?? 0 })
        }
        var result = result(period, rows: rows) { days in
            let questions = of(days)
            let sent = questions.flatMap(\.sent)
            var totals: JSONValue = [:]
            totals.setCount("tools", Set(sent.map(\.name)).count)
            totals.setCount("calls", sent.count)
            totals.setCount("failed_calls", questions.sum(\.failed.count))
            totals["error_percent"] = Self.percent(questions.sum(\.failed.count), of: sent.count)
            totals.setCount("denied_calls", questions.sum(\.denied.count))
            totals.setMoney("cost", questions.filter { !$0.sent.isEmpty }.cost)
            totals.setLatency(sent.map(\.milliseconds))
            return totals
        }
        result["has_more"] = .bool(present.count > limit)
        return result
    }

    private static func tools(_ questions: Questions) -> [String: Calls] {
        calls(questions) { "\($0.server)\u{1}\($0.tool)" }
    }

    private static func tool(_ calls: Calls, _ before: Int?) -> JSONValue {
        var row: JSONValue = ["mcp": .string(calls.server), "tool": .string(calls.tool)]
        row.setCount("calls", calls.count)
        row.setCount("previous_calls", before)
        row["change"] = before.map { change(calls.count, $0) }
        row.setCount("failed_calls", calls.failed)
        row["error_percent"] = percent(calls.failed, of: calls.count)
        row.setCount("denied_calls", calls.denied)
        row.setLatency(calls.durations)
        row.setCount("questions", calls.questions.count)
        row.setMoney("cost", calls.cost)
        row.setCount("feedback_up", calls.up)
        row.setCount("feedback_down", calls.down)
        return row
    }

    /// The health of the servers, always of the last seven days.
    func servers() -> JSONValue {
        let week = days("week")
        let present = Self.calls(of(week), by: \.server)
        let before = daysBefore("week").map { Self.calls(of($0), by: \.server) } ?? [:]
        let known = Dictionary(observed.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let names = Set(present.keys).union(known.keys).sorted()
        let rows = names.map { name in
            Self.server(name, known[name], present[name] ?? Calls(), before[name]?.count ?? 0)
        }
        let healthy = observed.count { $0.state == .healthy || $0.state == .degraded }
        return result("week", rows: rows) { days in
            let questions = of(days)
            let (calls, failed) = (questions.calls, questions.sum(\.failed.count))
            var totals: JSONValue = [:]
            if days == week {
                totals.setCount("servers", names.count)
                totals.setCount("healthy", healthy)
            }
            totals.setCount("calls", calls)
            totals.setCount("failed_calls", failed)
            totals["success_percent"] = Self.percent(calls - failed, of: calls)
            return totals
        }
    }

    private static func server(_ name: String, _ status: ServerStatus?, _ calls: Calls, _ before: Int) -> JSONValue {
        var row: JSONValue = ["mcp": .string(name), "state": .string(status?.state.rawValue ?? "not observed")]
        if let status {
            row["enabled"] = .bool(status.state != .disabled)
            row["healthy"] = .bool(status.state == .healthy || status.state == .degraded)
            row.setText("problem", status.problem)
            row.setText("url", FigureTestsRun.address(name))
            row.setCount("tool_count", 0)
            row["last_check"] = "*"
            row.setCount("consecutive_failures", status.state == .unhealthy ? 1 : 0)
        }
        row.setCount("calls", calls.count)
        row.setCount("previous_calls", before)
        row["change"] = change(calls.count, before)
        row.setCount("failed_calls", calls.failed)
        row["success_percent"] = percent(calls.count - calls.failed, of: calls.count)
        row.setLatency(calls.durations)
        return row
    }
}
