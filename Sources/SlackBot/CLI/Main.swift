import ArgumentParser
import Foundation

/// The entry point of the program.
@main
enum Main {
    /// Parses the command line and runs the command. Exit codes: 0 success, 1 failure, 2 usage error.
    static func main() async {
        // A write to a pipe whose reader has exited must fail with EPIPE; SIGPIPE would end this process.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try OmniCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            try Terminal.checkOutput()
        } catch let failed as CommandFailed {
            Terminal.error(failed.description)
            exit(1)
        } catch {
            let code = OmniCommand.exitCode(for: error)
            let message = OmniCommand.fullMessage(for: error)
            if code == .success {
                print(message)
            } else if !message.isEmpty {
                Terminal.error(message)
            }
            exit(code == .success ? 0 : code == .validationFailure ? 2 : 1)
        }
    }
}

/// A command failed: the message for standard error; exit code 1.
struct CommandFailed: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// `omni`, with its subcommands.
struct OmniCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "omni",
        abstract: "Answers an operations team's questions in Slack, with the tools of its MCP servers.",
        version: Version.current,
        subcommands: [
            RunCommand.self, DemoCommand.self, AskCommand.self, CheckCommand.self, InitDBCommand.self,
            ValidatePolicyCommand.self, ToolsCommand.self, CallCommand.self,
            AddUserCommand.self, ListUsersCommand.self, SetRoleCommand.self, AuditCommand.self, ExportCommand.self,
            ReportCommand.self, DigestCommand.self, ManifestCommand.self,
            ReloadCommand.self, DemoMCPCommand.self,
            EmulatorCommand.self,
        ])
}
