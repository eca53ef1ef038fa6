import Bridge

@testable import Analytics

/// The reports that list single questions.
extension FigureTestsModel {
    func expensive(_ arguments: JSONObject) -> JSONValue {
        let found = sorted(arguments) { $0.cost }
        return list(
            arguments, found, limit: arguments["limit"]?.int ?? 10,
            [
                "cost_usd", "cost_nano", "user", "question", "iterations", "tools", "duration_ms", "tokens_input",
                "tokens_output", "tokens_cached", "time", "model", "price_known", "question_id",
            ]
        ) { questions in
            var totals: JSONValue = [:]
            totals.setMoney("cost", questions.cost)
            totals.setCount("questions", questions.count)
            totals.setMoney("avg_cost", Self.mean(questions.cost, over: questions.count))
            totals.setCount("unpriced", questions.unpriced)
            return totals
        }
    }

    func slow(_ arguments: JSONObject) -> JSONValue {
        let least = arguments["min_duration_ms"]?.int ?? 5000
        let found = sorted(arguments) { $0.milliseconds }.filter { $0.milliseconds >= least }
        var result = list(
            arguments, found, limit: arguments["limit"]?.int ?? 20,
            [
                "duration_ms", "user", "question", "iterations", "tools", "mcps", "time", "status", "cost_usd",
                "cost_nano", "question_id",
            ], totals: Self.latency)
        let byDay = Dictionary(grouping: of(days(Self.period(arguments))), by: \.day)
        let newest = byDay.keys.sorted(by: >).prefix(30)
        result["days"] = .array(
            newest.map { day in
                var row = Self.latency(byDay[day] ?? [])
                row.setText("day", FigureTestsZone.text(day))
                return row
            })
        return result
    }

    private static func latency(_ questions: Questions) -> JSONValue {
        var totals: JSONValue = [:]
        totals.setCount("questions", questions.count)
        totals.setLatency(questions.map(\.milliseconds))
        return totals
    }

    func iterations(_ arguments: JSONObject) -> JSONValue {
        let least = arguments["min_iterations"]?.int ?? 5
        let found = sorted(arguments) { $0.usage.iterations }.filter { $0.usage.iterations >= least }
        return list(
            arguments, found, limit: 20,
            [
                "iterations", "user", "question", "tool_calls", "tools", "duration_ms", "status", "warning", "cost_usd",
                "cost_nano", "time", "question_id",
            ]
        ) { questions in
            let sum = questions.sum(\.usage.iterations)
            var totals: JSONValue = [:]
            totals.setCount("questions", questions.count)
            totals.setCount("iterations", sum)
            if !questions.isEmpty { totals["avg_iterations"] = .double(Double(sum) / Double(questions.count)) }
            totals.setCount("calls", questions.calls)
            totals.setCount("warnings", questions.count { $0.status == "warning" })
            return totals
        }
    }

    func failed(_ arguments: JSONObject) -> JSONValue {
        let found = sorted(arguments) { $0.ended }.filter { $0.status == "error" }
        return list(
            arguments, found, limit: arguments["limit"]?.int ?? 10,
            [
                "time", "user", "question", "error_message", "error_code", "error_id", "was_blocked", "mcps", "tools",
                "duration_ms", "cost_usd", "cost_nano", "audit_id", "question_id",
            ]
        ) { questions in
            var totals: JSONValue = [:]
            totals.setCount("questions", questions.count)
            totals.setCount("errors", questions.errors)
            totals["error_percent"] = Self.percent(questions.errors, of: questions.count)
            totals.setCount("blocked", questions.count { $0.isBlocked })
            return totals
        }
    }

    /// The questions of the period, largest first, of equal ones the later row.
    private func sorted(_ arguments: JSONObject, by size: (FigureTestsQuestion) -> Int) -> Questions {
        of(days(Self.period(arguments))).sorted { (size($0), $0.auditID) > (size($1), $1.auditID) }
    }

    private func list(
        _ arguments: JSONObject, _ found: Questions, limit: Int, _ columns: [String],
        totals: (Questions) -> JSONValue
    ) -> JSONValue {
        let rows = found.prefix(limit).map { question -> JSONValue in
            let all = Self.entry(question)
            var row: JSONValue = [:]
            for column in columns { row[column] = all[column] }
            return row
        }
        var result = result(Self.period(arguments), rows: Array(rows)) { totals(of($0)) }
        result["has_more"] = .bool(found.count > limit)
        return result
    }

    /// All columns of a question.
    private static func entry(_ question: FigureTestsQuestion) -> JSONValue {
        let usage = question.usage
        var entry: JSONValue = ["was_blocked": .bool(question.isBlocked), "price_known": .bool(question.isPriced)]
        entry.setText("time", question.time)
        entry.setText("user", question.user)
        entry.setText("question", question.preview)
        entry.setMoney("cost", question.cost)
        entry.setCount("iterations", usage.iterations)
        entry.setCount("tool_calls", question.sent.count)
        entry.setTexts("tools", FigureTestsQuestion.distinct(question.sent.map { "\($0.name.server).\($0.name.tool)" }))
        entry.setTexts("mcps", FigureTestsQuestion.distinct(question.sent.map(\.name.server)))
        entry.setCount("duration_ms", question.milliseconds)
        entry.setCount("tokens_input", usage.tokens.input)
        entry.setCount("tokens_output", usage.tokens.output)
        entry.setCount("tokens_cached", usage.tokens.cacheRead)
        entry.setText("status", question.status)
        entry.setText("warning", question.warning)
        entry.setText("error_message", question.errorMessage.map(FigureTestsQuestion.stored))
        entry.setText("error_code", question.errorCode)
        entry.setText("error_id", question.errorID)
        entry.setText("model", usage.model)
        entry.setCount("audit_id", Int(question.auditID))
        entry.setText("question_id", question.finished.question.id.text)
        return entry
    }
}
