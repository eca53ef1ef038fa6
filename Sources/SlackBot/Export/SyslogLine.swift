import Analytics
import Bridge
import Foundation

/// A row of the audit log as a syslog message (RFC 5424) whose text is the row as JSON.
///
///     <109>1 2026-11-28T09:30:00.000Z host omni - question - {"id":17,…}
///
/// The facility is 13, log audit. The text has no byte order mark (section 6.4 leaves it out where the encoding is
/// unknown to the sender's syslog library), since programs that read JSON refuse it.
enum SyslogLine {
    private static let facility = 13

    /// This machine's name for the header.
    static let host = header(ProcessInfo.processInfo.hostName, most: 255)

    /// One line with its line end. JSON has no line ends of its own.
    static func text(_ row: AuditRow, host: String) -> String {
        let severity =
            switch row.status {
            case .success: 6
            case .warning: 4
            case .error: 3
            }
        let time = Timestamp.text(row.createdAt)
        let json = JSONValue.object(AuditJSON.row(row)).text()
        return "<\(facility * 8 + severity)>1 \(time) \(host) omni - question - \(json)\n"
    }

    /// A header field: printable ASCII without spaces, `-` for an empty one (section 6).
    static func header(_ text: String, most: Int) -> String {
        let bytes = text.utf8.filter { (33...126).contains($0) }.prefix(most)
        return bytes.isEmpty ? "-" : String(decoding: bytes, as: UTF8.self)
    }
}
