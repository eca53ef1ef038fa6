import Analytics
import Bridge

/// An ``AuditVerification`` as lines for people and as JSON for programs.
enum VerificationText {
    static func lines(_ result: AuditVerification) -> [String] {
        var lines = result.findings.map { "error: \(sentence($0))" }
        if result.omitted > 0 { lines.append("error: and \(result.omitted) more findings") }
        let counts = [
            "\(result.days) days", "\(result.rows) rows", "\(result.forgotten) forgotten",
            "\(result.removedRows) rows and \(result.removedDays) days removed by the retention",
            "\(result.unsealed) not sealed yet",
        ]
        let isFine = result.isFine
        let verdict = isFine ? "ok" : "error: the audit log does not fit its proof"
        lines.append("\(verdict): \(counts.joined(separator: ", "))")
        if result.keys.count > 1 {
            let keys = result.keys.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value) days)" }
            lines.append("keys: \(keys.joined(separator: ", "))")
        }
        if let head = result.lastHead {
            lines.append("head: \(head.day), position \(head.seq), hash \(head.hash), key \(head.keyID)")
        }
        return lines.map(printable)
    }

    static func json(_ result: AuditVerification) -> JSONObject {
        var object: JSONObject = [
            "ok": .bool(result.isFine), "days": .int(Int64(result.days)), "rows": .int(Int64(result.rows)),
            "forgotten": .int(Int64(result.forgotten)), "removed_rows": .int(Int64(result.removedRows)),
            "removed_days": .int(Int64(result.removedDays)), "unsealed": .int(Int64(result.unsealed)),
        ]
        object["keys"] = .object(
            JSONObject(
                result.keys.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.int(Int64($0.value))) },
                uniquingKeysWith: { first, _ in first }))
        object["head"] = result.lastHead.map { head in
            ["day": .string(head.day), "seq": .int(head.seq), "hash": .string(head.hash), "key": .string(head.keyID)]
        }
        object["findings"] = .array(result.findings.map(json))
        object["omitted_findings"] = .int(Int64(result.omitted))
        return object
    }

    private static func json(_ finding: AuditFinding) -> JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        func number(_ value: Int64?) -> JSONValue { value.map { .int($0) } ?? .null }
        return [
            "kind": .string(finding.kind.rawValue), "day": .string(finding.day),
            "first_seq": number(finding.positions?.lowerBound), "last_seq": number(finding.positions?.upperBound),
            "row_id": number(finding.rowID), "question_id": text(finding.questionID),
            "asked_at": text(finding.askedAt), "detail": text(finding.detail), "text": .string(sentence(finding)),
        ]
    }

    /// `2026-11-28, position 7: row 17 (question …, asked …) was changed`.
    static func sentence(_ finding: AuditFinding) -> String {
        var place = finding.day
        if let positions = finding.positions {
            let isOne = positions.lowerBound == positions.upperBound
            place +=
                isOne
                ? ", position \(positions.lowerBound)"
                : ", positions \(positions.lowerBound) to \(positions.upperBound)"
        }
        let detail = finding.detail.map { ": \($0)" } ?? ""
        return "\(place): \(words(finding))\(detail)"
    }

    private static func words(_ finding: AuditFinding) -> String {
        let row = row(finding)
        return switch finding.kind {
        case .rowChanged: "\(row) was changed"
        case .rowRemoved: "rows were removed"
        case .rowMoved: "\(row) was moved"
        case .rowAdded: "\(row) was added"
        case .linkBroken: "\(row) was changed together with its hash, or replaced"
        case .headChanged: "the signed head of the day was changed"
        case .headMissing: "the signed head of the day is missing"
        case .unknownKey: "the head of the day was signed by an unknown key"
        case .dayRemoved: "all rows of the day were removed"
        case .removalChanged: "the signed record of a removal was changed"
        }
    }

    private static func row(_ finding: AuditFinding) -> String {
        guard let id = finding.rowID else { return "a row" }
        return "row \(id) (question \(finding.questionID ?? "none"), asked \(finding.askedAt ?? "at no known time"))"
    }

    /// Values of a changed row must not control the terminal.
    private static func printable(_ line: String) -> String {
        String(
            String.UnicodeScalarView(line.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
