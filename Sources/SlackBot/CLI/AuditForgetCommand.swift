import Analytics
import ArgumentParser
import Bridge
import Foundation

/// `omni audit forget`: deletes what the store has of a person and keeps the figures and the proof.
struct AuditForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Delete the text and the name of a person from the audit log, for good.",
        discussion: "Figures stay, and `omni audit verify` goes on to pass. Copies and exports are not reached.")

    @Argument(help: "The person's e-mail.")
    var email: EmailArgument

    @Flag(help: "Do not ask before.")
    var yes = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        try confirm()
        let result = try await config.withStore { store, _ in
            try await store.forget(email.text, actor: Terminal.actor)
        }
        guard !result.isEmpty else { return Terminal.out("Nothing is stored under \(email.text).") }
        Terminal.out("ok: forgotten in \(result.auditRows) rows of the audit log and \(result.questions) questions")
    }

    private func confirm() throws {
        guard !yes else { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("Without a terminal to ask at, --yes is needed.")
        }
        Terminal.error("All that \(email.text) asked and was answered is deleted for good. Type the e-mail to go on:")
        guard let line = readLine(), ConfiguredUsers.normalised(line) == email.text else {
            throw CommandFailed("error: nothing was deleted")
        }
    }
}
