import Analytics
import Bridge
import Foundation

/// A stored question as JSON, with the fields of ``AnswerJSON`` that the store has when it has ended.
enum QuestionJSON {
    /// - Parameter record: its row of the audit log; nil before it has ended.
    static func body(_ row: QuestionRow, _ record: AuditRow?) -> JSONValue {
        var body: JSONObject = [
            "question_id": .string(row.id.text), "state": .string(row.state.rawValue), "user": .string(row.askerEmail),
            "text": .string(row.text), "asked_at": time(row.askedAt),
            "finished_at": row.finishedAt.map(time) ?? .null,
        ]
        guard row.state.isTerminal else { return .object(body) }
        body["success"] = .bool(row.state == .answered)
        if let answer = row.answer { body["answer"] = .string(answer) }
        if let warning = row.warning { body["warning"] = .string(warning) }
        guard let record else { return .object(body) }
        if row.state != .answered { body["error"] = error(row, record) }
        body["tool_calls"] = .int(Int64(record.toolCallsCount))
        body["tools_used"] = .array(record.toolsUsed.map { .string($0) })
        body["iterations"] = .int(Int64(record.iterations))
        body["cost"] = .double(Double(record.cost.nano) / 1e9)
        body["duration_ms"] = .int(Int64(record.durationMilliseconds))
        return .object(body)
    }

    private static func error(_ row: QuestionRow, _ record: AuditRow) -> JSONValue {
        var error: JSONObject = [
            "code": .string(record.errorCode ?? row.state.rawValue),
            "message": .string(record.errorMessage ?? "The question was stopped."),
        ]
        if let rule = record.blockReason { error["rule"] = .string(rule) }
        if let id = row.errorID { error["id"] = .string(id) }
        return .object(error)
    }

    private static func time(_ date: Date) -> JSONValue { .string(date.formatted(.iso8601)) }
}
