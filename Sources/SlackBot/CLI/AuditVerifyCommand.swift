import ArgumentParser
import Bridge

/// `omni audit verify`: checks the audit log against its proof. Exit code 1 when something does not fit.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that no row of the audit log was changed, removed or moved since it was sealed.",
        discussion: "What this proves, and what it does not, is in docs/audit-proof.md.")

    @Option(help: "Only rows that were sealed on or after that day (UTC), as 2026-11-01.")
    var since: DayArgument?

    @Flag(help: "JSON, for programs.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let result = try await config.withStore { store, live in
            let key = try live.current.loadAuditKey(making: false)
            return try await store.verifyAudit(trusted: key, since: since?.text)
        }
        if json {
            Terminal.out(JSONValue.object(VerificationText.json(result)).text())
        } else {
            Terminal.out(VerificationText.lines(result).joined(separator: "\n"))
        }
        guard result.isFine else { throw ExitCode(1) }
    }
}

/// A day as an option, `2026-11-28`.
struct DayArgument: ExpressibleByArgument, Sendable {
    let text: String

    init?(argument: String) {
        guard argument.utf8.count == 10, argument.contains("-"), Since.date(argument) != nil else { return nil }
        text = argument
    }
}
