import Analytics
import Foundation

/// A row of the audit log in ArcSight's Common Event Format (version 0), for security information systems.
///
///     CEF:0|Omni|omni|0.1.0|question.error|Question failed|6|externalId=17 rt=1795392000000 suser=…
///
/// The format's rules: in the header `|` and `\` are escaped; in the extension `=` and `\`, and line ends are `\n` and
/// `\r`.
enum CEF {
    /// One line with its line end.
    static func line(_ row: AuditRow) -> String {
        let event = event(row)
        let header = [
            "CEF:0", "Omni", "omni", headerText(Version.current), "question.\(event.name)", event.title,
            "\(event.severity)",
        ]
        return header.joined(separator: "|") + "|" + fields(row).compactMap(pair).joined(separator: " ") + "\n"
    }

    static func headerText(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("|", with: "\\|").replacing("\r\n", with: " ")
            .replacing("\n", with: " ").replacing("\r", with: " ")
    }

    static func value(_ text: String) -> String {
        var output = ""
        output.reserveCapacity(text.utf8.count + 8)
        // By scalars: "\r\n" is one character.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": output += "\\\\"
            case "=": output += "\\="
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    private static func event(_ row: AuditRow) -> (name: String, title: String, severity: Int) {
        if row.wasBlocked { return ("refused", "Question refused", 7) }
        return switch row.status {
        case .success: ("success", "Question answered", 1)
        case .warning: ("warning", "Question answered with a warning", 4)
        case .error: ("error", "Question failed", 6)
        }
    }

    private static func pair(_ field: Field) -> String? {
        guard let text = field.value, !text.isEmpty else { return nil }
        return "\(field.key)=\(value(text))"
    }

    private typealias Field = (key: String, value: String?)

    /// The keys of the format's dictionary; the custom ones (`cs`, `cn`, `c6a`) have labels.
    private static func fields(_ row: AuditRow) -> [Field] { actor(row) + custom(row) }

    private static func actor(_ row: AuditRow) -> [Field] {
        let isIPv6 = row.address?.contains(":") ?? false
        let source = isIPv6 ? nil : row.address
        let source6 = isIPv6 ? row.address : nil
        let fields: [Field] = [
            ("externalId", row.id.map { "\($0)" }), ("rt", milliseconds(row.createdAt)),
            ("start", milliseconds(row.timestamp)), ("end", milliseconds(row.createdAt)), ("suser", row.userEmail),
            ("suid", row.slackUserID), ("spriv", row.userRole), ("src", source), ("c6a2", source6),
            ("c6a2Label", source6 == nil ? nil : "Source IPv6 Address"),
            ("requestClientApplication", row.userAgent), ("cat", row.requestType), ("outcome", row.status.rawValue),
            ("reason", row.errorCode ?? row.warning), ("msg", row.message),
        ]
        return fields
    }

    private static func custom(_ row: AuditRow) -> [Field] {
        let texts: [(String, String?)] = [
            ("question", row.questionID), ("tools", row.toolsUsed.joined(separator: " ")), ("model", row.model),
            ("channel", row.slackChannel), ("error", row.errorID), ("rule", row.blockReason),
        ]
        let numbers: [(String, Int64)] = [
            ("duration_ms", Int64(row.durationMilliseconds)), ("tool_calls", Int64(row.toolCallsCount)),
            ("cost_nano", row.cost.nano),
        ]
        let labelled = texts.enumerated().flatMap { index, text -> [Field] in
            guard let value = text.1, !value.isEmpty else { return [] }
            return [("cs\(index + 1)Label", text.0), ("cs\(index + 1)", value)]
        }
        return labelled
            + numbers.enumerated().flatMap { index, number -> [Field] in
                [("cn\(index + 1)Label", number.0), ("cn\(index + 1)", String(number.1))]
            }
    }

    private static func milliseconds(_ time: Date) -> String {
        "\(Int64((time.timeIntervalSince1970 * 1000).rounded()))"
    }
}
