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

    private static func pair(_ field: (key: String, value: String?)) -> String? {
        guard let text = field.value, !text.isEmpty else { return nil }
        return "\(field.key)=\(value(text))"
    }

    /// The keys of the format's dictionary; the custom ones (`cs`, `cn`, `c6a`) have labels.
    private static func fields(_ row: AuditRow) -> [(key: String, value: String?)] {
        let isIPv6 = row.address?.contains(":") ?? false
        return [
            ("externalId", row.id.map { "\($0)" }), ("rt", milliseconds(row.createdAt)),
            ("start", milliseconds(row.timestamp)), ("end", milliseconds(row.createdAt)), ("suser", row.userEmail),
            ("suid", row.slackUserID), ("spriv", row.userRole), ("src", isIPv6 ? nil : row.address),
            ("c6a2", isIPv6 ? row.address : nil), ("c6a2Label", isIPv6 ? "Source IPv6 Address" : nil),
            ("requestClientApplication", row.userAgent), ("cat", row.requestType), ("outcome", row.status.rawValue),
            ("reason", row.errorCode ?? row.warning), ("msg", row.message), ("cs1Label", "question"),
            ("cs1", row.questionID), ("cs2Label", "tools"), ("cs2", row.toolsUsed.joined(separator: " ")),
            ("cs3Label", "model"), ("cs3", row.model), ("cs4Label", "channel"), ("cs4", row.slackChannel),
            ("cs5Label", "error"), ("cs5", row.errorID), ("cs6Label", "rule"), ("cs6", row.blockReason),
            ("cn1Label", "duration_ms"), ("cn1", "\(row.durationMilliseconds)"), ("cn2Label", "tool_calls"),
            ("cn2", "\(row.toolCallsCount)"), ("cn3Label", "cost_nano"), ("cn3", "\(row.cost.nano)"),
        ]
    }

    private static func milliseconds(_ time: Date) -> String {
        "\(Int64((time.timeIntervalSince1970 * 1000).rounded()))"
    }
}
