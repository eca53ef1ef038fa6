import Bridge

@testable import Analytics

/// The error summary.
extension FigureTestsModel {
    /// What one question adds to the error summary, with or without a filter.
    private struct Counted {
        let day: Int
        let time: String
        /// The question with its message, or a call with its server, tool and message.
        var total = 1
        var errors = 0
        var denied = 0
        var key = ""
        var server = ""
        var tool = ""
        var message: String?
    }

    func errors(_ arguments: JSONObject) -> JSONValue {
        let (server, tool) = (arguments["mcp_name"]?.string, arguments["tool_name"]?.string)
        let isFiltered = server != nil || tool != nil
        let period = Self.period(arguments)
        func counted(_ days: ClosedRange<Int>) -> [Counted] {
            isFiltered ? of(days).flatMap { Self.calls($0, server, tool) } : of(days).map(Self.question)
        }
        let all = counted(days(period))
        let refused = all.filter { $0.message?.hasPrefix("refused: ") == true && !isFiltered }
        let others = all.filter { isFiltered || $0.message?.hasPrefix("refused: ") == false }
        var result = result(period, rows: Self.messages(others, isFiltered)) { days in
            isFiltered ? Self.callTotals(counted(days)) : Self.questionTotals(of(days))
        }
        result["counted"] = .string(isFiltered ? "calls" : "questions")
        result.setText("mcp_name", server)
        result.setText("tool_name", tool)
        result["blocked"] = .array(Self.messages(refused, false))
        result["tools"] = .array(Self.tools(of(days(period)).flatMap { Self.calls($0, server, tool) }))
        result["days"] = .array(Self.days(all))
        return result
    }

    private static func question(_ question: FigureTestsQuestion) -> Counted {
        var counted = Counted(day: question.day, time: question.time)
        counted.errors = question.status == "error" ? 1 : 0
        counted.message = question.failure
        return counted
    }

    /// The calls that fit, denied ones with a total of 0.
    private static func calls(_ question: FigureTestsQuestion, _ server: String?, _ tool: String?) -> [Counted] {
        question.usage.calls.filter { call in
            let names = [
                call.name.tool, "\(call.name.server).\(call.name.tool)", "\(call.name.server)__\(call.name.tool)",
            ]
            return (server == nil || call.name.server == server) && (tool.map { names.contains($0) } ?? true)
        }.map { call in
            var counted = Counted(day: question.day, time: question.time)
            counted.server = call.name.server
            counted.tool = call.name.tool
            counted.key = "\(call.name.server)\u{1}\(call.name.tool)"
            counted.denied = call.outcome == .denied ? 1 : 0
            counted.total = 1 - counted.denied
            if call.outcome == .failed || call.outcome == .unknown {
                counted.errors = 1
                counted.message = FigureTestsQuestion.short(call.error ?? call.outcome.rawValue)
            }
            return counted
        }
    }

    private static func questionTotals(_ questions: Questions) -> JSONValue {
        var totals: JSONValue = [:]
        set(questions.count, questions.errors, &totals)
        totals.setCount("successes", questions.count - questions.errors)
        totals.setCount("warnings", questions.count { $0.status == "warning" })
        totals.setCount("blocked", questions.count { $0.isBlocked })
        totals.setCount("failed_calls", questions.sum(\.failed.count))
        totals.setCount("denied_calls", questions.sum(\.denied.count))
        return totals
    }

    private static func callTotals(_ calls: [Counted]) -> JSONValue {
        let (total, errors) = (calls.reduce(0) { $0 + $1.total }, calls.reduce(0) { $0 + $1.errors })
        var totals: JSONValue = ["warnings": 0, "blocked": 0]
        set(total, errors, &totals)
        totals.setCount("successes", total - errors)
        totals.setCount("failed_calls", errors)
        totals.setCount("denied_calls", calls.reduce(0) { $0 + $1.denied })
        return totals
    }

    private static func set(_ total: Int, _ errors: Int, _ row: inout JSONValue) {
        row.setCount("total", total)
        row.setCount("errors", errors)
        row["error_percent"] = percent(errors, of: total)
    }

    /// The ten most frequent messages, of equal counts by server, tool and message.
    private static func messages(_ all: [Counted], _ areCalls: Bool) -> [JSONValue] {
        let groups = Dictionary(grouping: all.filter { $0.message != nil }) { "\($0.key)\u{1}\($0.message ?? "")" }
        let sorted = groups.sorted { one, other in
            if one.value.count != other.value.count { return one.value.count > other.value.count }
            return one.key.utf8.lexicographicallyPrecedes(other.key.utf8)
        }
        return sorted.prefix(10).map { _, errors in
            var row: JSONValue = [:]
            if areCalls {
                row.setText("mcp", errors.first?.server)
                row.setText("tool", errors.first?.tool)
            }
            row.setText("message", errors.first?.message)
            row.setCount("count", errors.count)
            row.setText("last_at", errors.map(\.time).max())
            return row
        }
    }

    private static func tools(_ calls: [Counted]) -> [JSONValue] {
        let groups = Dictionary(grouping: calls, by: \.key).mapValues { calls in
            (errors: calls.reduce(0) { $0 + $1.errors }, denied: calls.reduce(0) { $0 + $1.denied }, calls: calls)
        }
        let sorted = groups.filter { $0.value.errors > 0 || $0.value.denied > 0 }.sorted { one, other in
            let (left, right) = ((one.value.errors, one.value.denied), (other.value.errors, other.value.denied))
            return left == right ? one.key < other.key : left > right
        }
        return sorted.prefix(10).map { _, group in
            let total = group.calls.reduce(0) { $0 + $1.total }
            var row: JSONValue = [:]
            row.setText("mcp", group.calls.first?.server)
            row.setText("tool", group.calls.first?.tool)
            row.setCount("calls", total)
            row.setCount("failed_calls", group.errors)
            row["error_percent"] = percent(group.errors, of: total)
            row.setCount("denied_calls", group.denied)
            return row
        }
    }

    private static func days(_ all: [Counted]) -> [JSONValue] {
        let groups = Dictionary(grouping: all, by: \.day).sorted { $0.key > $1.key }
        return groups.prefix(30).map { day, counted in
            var row: JSONValue = ["day": .string(FigureTestsZone.text(day))]
            set(counted.reduce(0) { $0 + $1.total }, counted.reduce(0) { $0 + $1.errors }, &row)
            return row
        }
    }
}
