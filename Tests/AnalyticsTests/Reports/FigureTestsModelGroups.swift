import Bridge

@testable import Analytics

/// The reports with the parameters `user_id` and `group_by`.
extension FigureTestsModel {
    /// Sums of questions, or of parts of them.
    private struct Sums {
        var questions = 0
        var cost = 0
        var unpriced = 0
        var input = 0
        var output = 0
        var cached = 0
        var written = 0

        var prompt: Int { input + cached + written }
        var tokens: Int { prompt + output }
    }

    func cost(_ arguments: JSONObject) -> JSONValue {
        let user = user(arguments)
        let (grouping, period) = (Self.grouping(arguments), Self.period(arguments))
        let whole = of(days(period), user).cost
        let rows = rows(arguments, size: \.cost) { row, sums, before in
            row.setCount("questions", sums.questions)
            row.setMoney("cost", sums.cost)
            row["cost_percent"] = Self.percent(sums.cost, of: whole)
            row.setMoney("avg_cost", Self.mean(sums.cost, over: sums.questions))
            row.setMoney("previous_cost", before?.cost)
            row["change"] = before.map { Self.change(sums.cost, $0.cost) }
            row.setCount("unpriced", sums.unpriced)
        }
        var result = result(period, rows: rows) { costTotals(of($0, user)) }
        result["group_by"] = .string(grouping)
        result.setText("user", user)
        result["forecast"] = forecast(user)
        if grouping == "mcp" {
            let others = of(days(period), user).filter { $0.sent.isEmpty }
            result.setCount("cost_without_calls_nano", others.cost)
        }
        return result
    }

    private func costTotals(_ questions: Questions) -> JSONValue {
        var totals: JSONValue = [:]
        totals.setMoney("cost", questions.cost)
        totals.setCount("questions", questions.count)
        totals.setMoney("avg_cost", Self.mean(questions.cost, over: questions.count))
        totals.setCount("tokens_input", questions.sum(\.usage.tokens.input))
        totals.setCount("tokens_output", questions.sum(\.usage.tokens.output))
        totals.setCount("tokens_cached", questions.sum(\.usage.tokens.cacheRead))
        totals.setCount("tokens_cache_write", questions.sum(\.written))
        totals.setCount("calls", questions.calls)
        totals.setCount("unpriced", questions.unpriced)
        return totals
    }

    private func forecast(_ user: String?) -> JSONValue {
        let spent = of(days("month"), user).cost
        let (elapsed, all) = (FigureTestsZone.dayOfMonth(today), FigureTestsZone.daysOfMonth(today))
        var forecast: JSONValue = ["month": .string(String(FigureTestsZone.text(today).prefix(7)))]
        forecast.setMoney("spent", spent)
        forecast.setCount("elapsed_days", elapsed)
        forecast.setCount("month_days", all)
        forecast.setMoney("estimate", Self.mean(spent * all, over: elapsed))
        return forecast
    }

    func tokens(_ arguments: JSONObject) -> JSONValue {
        let user = user(arguments)
        let rows = rows(arguments, size: \.tokens) { row, sums, before in
            Self.setTokens(sums, &row)
            row.setCount("previous_tokens", before?.tokens)
            row["change"] = before.map { Self.change(sums.tokens, $0.tokens) }
        }
        var result = result(Self.period(arguments), rows: rows) { days in
            let questions = of(days, user)
            var totals: JSONValue = [:]
            Self.setTokens(Self.sums(questions), &totals)
            totals.setCount("iterations", questions.sum(\.usage.iterations))
            return totals
        }
        result["group_by"] = .string(Self.grouping(arguments))
        result.setText("user", user)
        return result
    }

    private static func setTokens(_ sums: Sums, _ row: inout JSONValue) {
        row.setCount("tokens", sums.tokens)
        row.setCount("tokens_input", sums.input)
        row.setCount("tokens_output", sums.output)
        row.setCount("tokens_cached", sums.cached)
        row.setCount("tokens_cache_write", sums.written)
        row.setCount("questions", sums.questions)
        row.setMoney("cost", sums.cost)
        row.setCount("unpriced", sums.unpriced)
    }

    func cache(_ arguments: JSONObject) -> JSONValue {
        let user = user(arguments)
        let rows = rows(arguments, size: \.prompt) { row, sums, before in
            Self.setCache(sums, &row)
            row["previous_hit_percent"] = before.flatMap { Self.percent($0.cached, of: $0.prompt) }
        }
        var result = result(Self.period(arguments), rows: rows) { days in
            var totals: JSONValue = [:]
            Self.setCache(Self.sums(of(days, user)), &totals)
            return totals
        }
        result["group_by"] = .string(Self.grouping(arguments))
        result.setText("user", user)
        return result
    }

    private static func setCache(_ sums: Sums, _ row: inout JSONValue) {
        row["hit_percent"] = percent(sums.cached, of: sums.prompt)
        row.setCount("tokens_prompt", sums.prompt)
        row.setCount("tokens_cached", sums.cached)
        row.setCount("tokens_cache_write", sums.written)
        row.setCount("tokens_input", sums.input)
        row.setCount("questions", sums.questions)
    }

    /// The rows in their order: days newest first, others by size and name.
    ///
    /// - Parameter fill: adds the figures of a row, from its sums and from those of the period before.
    private func rows(
        _ arguments: JSONObject, size: (Sums) -> Int, fill: (inout JSONValue, Sums, Sums?) -> Void
    ) -> [JSONValue] {
        let (grouping, period) = (Self.grouping(arguments), Self.period(arguments))
        let present = groups(grouping, days(period), user(arguments))
        let past = grouping == "day" ? nil : daysBefore(period).map { groups(grouping, $0, user(arguments)) }
        let names = present.keys.sorted { one, other in
            if grouping == "day" { return one > other }
            let (left, right) = (present[one].map(size) ?? 0, present[other].map(size) ?? 0)
            return left == right ? one < other : left > right
        }
        return names.prefix(grouping == "day" ? 30 : 20).map { name in
            var row: JSONValue = ["name": .string(name.isEmpty ? Self.withoutName(grouping) : name)]
            fill(&row, present[name] ?? Sums(), past.map { $0[name] ?? Sums() })
            return row
        }
    }

    private func groups(_ grouping: String, _ days: ClosedRange<Int>, _ user: String?) -> [String: Sums] {
        let questions = of(days, user)
        if grouping == "mcp" { return Self.servers(questions) }
        let groups = Dictionary(grouping: questions) { question -> String in
            switch grouping {
            case "user": question.user
            case "role": question.role
            case "channel": question.channel
            case "model": question.model
            default: FigureTestsZone.text(question.day)
            }
        }
        return groups.mapValues { Self.sums($0) }
    }

    private static func servers(_ questions: Questions) -> [String: Sums] {
        var servers: [String: Sums] = [:]
        for question in questions {
            for server in Set(question.sent.map(\.name.server)) { servers[server, default: Sums()].questions += 1 }
            for (call, part) in zip(question.sent, question.parts) {
                servers[call.name.server, default: Sums()].cost += part
            }
        }
        return servers
    }

    private static func sums(_ questions: Questions) -> Sums {
        Sums(
            questions: questions.count, cost: questions.cost, unpriced: questions.unpriced,
            input: questions.sum(\.usage.tokens.input), output: questions.sum(\.usage.tokens.output),
            cached: questions.sum(\.usage.tokens.cacheRead), written: questions.sum(\.written))
    }

    private static func withoutName(_ grouping: String) -> String {
        switch grouping {
        case "channel": "no channel"
        case "model": "no model"
        default: "none"
        }
    }

    private static func grouping(_ arguments: JSONObject) -> String { arguments["group_by"]?.string ?? "day" }

    private func user(_ arguments: JSONObject) -> String? {
        guard let given = arguments["user_id"] else { return nil }
        if let id = given.int { return users[Int64(id)] }
        return given.string?.lowercased()
    }
}
