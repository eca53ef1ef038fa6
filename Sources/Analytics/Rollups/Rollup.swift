import Bridge
package import Foundation

/// What questions add to the roll-up tables: counters, durations and error messages by key.
package struct RollupEntries: Sendable, Hashable {
    /// The number of errors with one message, and when the last one's question ended.
    package struct Errors: Sendable, Hashable {
        package var count: Int64 = 0
        package var lastAt = Date.distantPast

        package static func += (left: inout Errors, right: Errors) {
            left.count += right.count
            left.lastAt = max(left.lastAt, right.lastAt)
        }
    }

    /// The rows of `usage_rollups`.
    package fileprivate(set) var usage: [RollupKey: UsageFigures] = [:]
    /// The rows of `latency_rollups`, one for each bucket of a histogram.
    package fileprivate(set) var latency: [RollupKey: LatencyHistogram] = [:]
    /// The rows of `error_rollups`.
    package fileprivate(set) var errors: [RollupKey: Errors] = [:]

    package init() {}

    package static func += (left: inout RollupEntries, right: RollupEntries) {
        for (key, figures) in right.usage { left.usage[key, default: UsageFigures()] += figures }
        for (key, histogram) in right.latency { left.latency[key, default: LatencyHistogram()] += histogram }
        for (key, errors) in right.errors { left.errors[key, default: Errors()] += errors }
    }

    fileprivate mutating func addError(_ key: RollupKey, at time: Date) {
        errors[key, default: Errors()] += Errors(count: 1, lastAt: time)
    }
}

/// The definition of the roll-ups: used when a question ends and when they are computed again.
package enum Rollup {
    /// What one question adds.
    ///
    /// - Parameters:
    ///   - calls: the question's calls in the order in which they were stored.
    ///   - calendar: gives the day of the question's end.
    package static func entries(
        of row: AuditRow, calls: [ToolCallRow], _ calendar: ReportingCalendar
    ) -> RollupEntries {
        entries(of: row, calls: calls, day: calendar.day(of: Timestamp.rounded(row.createdAt)))
    }

    /// The same for a day that is known.
    static func entries(of row: AuditRow, calls: [ToolCallRow], day: String) -> RollupEntries {
        var entries = RollupEntries()
        let time = Timestamp.rounded(row.createdAt)
        let figures = figures(of: row, calls: calls, at: time)
        for key in keys(of: row, day: day) {
            entries.usage[key, default: UsageFigures()] += figures
            entries.latency[key, default: LatencyHistogram()].add(milliseconds: row.durationMilliseconds)
        }
        if row.status == .error {
            let message = [row.errorCode, row.errorMessage].compactMap { $0 }.joined(separator: ": ")
            entries.addError(RollupKey("question", day, message: message), at: time)
        }
        add(calls, costing: row.cost.nano, at: time, day: day, to: &entries)
        return entries
    }

    private static func keys(of row: AuditRow, day: String) -> [RollupKey] {
        func key(_ dimension: RollupDimension, _ name: String?, _ detail: String = "") -> RollupKey {
            RollupKey(dimension.rawValue, day, name ?? "", detail)
        }
        return [
            key(.total, nil), key(.user, row.userEmail.lowercased(), row.userRole), key(.role, row.userRole),
            key(.channel, row.slackChannel), key(.model, row.model), key(.kind, row.requestType),
        ]
    }

    private static func figures(of row: AuditRow, calls: [ToolCallRow], at time: Date) -> UsageFigures {
        var figures = UsageFigures()
        figures.questions = 1
        figures.errors = row.status == .error ? 1 : 0
        figures.warnings = row.status == .warning ? 1 : 0
        figures.blocked = row.wasBlocked ? 1 : 0
        figures.calls = Int64(calls.count(where: \.wasSent))
        figures.failedCalls = Int64(calls.count(where: \.hasFailed))
        figures.deniedCalls = Int64(calls.count) - figures.calls
        figures.iterations = Int64(row.iterations)
        figures.tokensInput = Int64(row.tokensInput)
        figures.tokensOutput = Int64(row.tokensOutput)
        figures.tokensCached = Int64(row.tokensCached)
        figures.tokensCacheWrite = Int64(row.tokensCacheWrite)
        figures.costNano = row.cost.nano
        figures.unpriced = row.priceKnown ? 0 : 1
        figures.milliseconds = Int64(row.durationMilliseconds)
        figures.lastAt = time
        return figures
    }

    /// The rows of servers and tools. The question's cost is divided equally over its sent calls; the first one gets
    /// the remainder, so that the sum over all servers is the question's cost.
    private static func add(
        _ calls: [ToolCallRow], costing cost: Int64, at time: Date, day: String, to entries: inout RollupEntries
    ) {
        let sent = Int64(calls.count(where: \.wasSent))
        var remainder = sent == 0 ? 0 : cost % sent
        var used: Set<RollupKey> = []
        for call in calls {
            var figures = UsageFigures()
            figures.lastAt = time
            if call.wasSent {
                figures.calls = 1
                figures.failedCalls = call.hasFailed ? 1 : 0
                figures.costNano = cost / sent + remainder
                figures.milliseconds = Int64(call.milliseconds)
                remainder = 0
            } else {
                figures.deniedCalls = 1
            }
            for key in keys(of: call, day: day) {
                figures.questions = call.wasSent && used.insert(key).inserted ? 1 : 0
                entries.usage[key, default: UsageFigures()] += figures
                guard call.wasSent else { continue }
                entries.latency[key, default: LatencyHistogram()].add(milliseconds: call.milliseconds)
            }
            guard call.hasFailed else { continue }
            let message = call.error ?? call.outcome.rawValue
            entries.addError(RollupKey("tool", day, call.name.server, call.name.tool, message: message), at: time)
        }
    }

    private static func keys(of call: ToolCallRow, day: String) -> [RollupKey] {
        [
            RollupKey(RollupDimension.server.rawValue, day, call.name.server),
            RollupKey(RollupDimension.tool.rawValue, day, call.name.server, call.name.tool),
        ]
    }
}

extension ToolCallRow {
    /// It was sent to its server, or may have been.
    fileprivate var wasSent: Bool { outcome != .denied }
    fileprivate var hasFailed: Bool { outcome == .failed || outcome == .unknown }
}
