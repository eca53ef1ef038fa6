import ArgumentParser

/// `omni audit`: the audit log. Without a subcommand it is `omni audit list`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show the audit log, check that it was not changed, or forget a person.",
        subcommands: [
            AuditListCommand.self, AuditVerifyCommand.self, AuditForgetCommand.self, RepriceCommand.self,
            RebuildCommand.self,
        ],
        defaultSubcommand: AuditListCommand.self)
}
