import Analytics
import ArgumentParser
import Bridge

/// `omni audit list`, also `omni audit` alone: shows the newest rows of the audit log.
struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the audit log: the newest questions first, with how they ended and what they cost.")

    @Option(help: "Only this person: an e-mail, or an id of Slack.")
    var user: String?

    @Option(help: "Only questions that ended so.")
    var status: AuditRow.Status?

    @Option(help: "Only questions since then: \(Since.examples).")
    var since: SinceArgument?

    @Option(help: "The most rows, 1 to 1000.")
    var limit = 20

    @Flag(help: "JSON, for programs.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit wants 1 to 1000.") }
    }

    func run() async throws {
        let filter = AuditFilter(user: user, status: status, since: since?.date)
        let rows = try await config.withStore { store, _ in try await store.auditPage(filter, limit: limit) }
        guard !json else {
            return Terminal.out(JSONValue.array(rows.map { .object(AuditJSON.row($0)) }).text())
        }
        guard !rows.isEmpty else { return Terminal.out("The audit log has no such question.") }
        Terminal.out(
            TextTable.text(
                ["ENDED (UTC)", "WHO", "KIND", "STATUS", "SECONDS", "COST", "TOOLS", "QUESTION"], rows.map(cells),
                widest: 60))
    }

    private func cells(_ row: AuditRow) -> [String] {
        let outcome = row.wasBlocked ? "refused" : row.errorCode ?? row.warning ?? row.status.rawValue
        return [
            String(Timestamp.text(row.createdAt).prefix(19)).replacing("T", with: " "), row.userEmail,
            row.requestType, outcome, UserMessages.seconds(row.durationMilliseconds),
            row.priceKnown ? "\(row.cost)" : "unknown",
            row.toolsUsed.isEmpty ? "-" : row.toolsUsed.joined(separator: " "),
            row.messagePreview,
        ]
    }
}
