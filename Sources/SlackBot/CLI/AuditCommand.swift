import ArgumentParser

/// `omni audit`: the audit log. Without a subcommand it is `omni audit list`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show the record, check that it was not changed, or forget a person.",
        subcommands: [AuditListCommand.self, AuditVerifyCommand.self, AuditForgetCommand.self],
        defaultSubcommand: AuditListCommand.self)
}
