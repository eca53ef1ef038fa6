import ArgumentParser
import Bridge
import Foundation

/// `omni ask`: asks one question as a user, without Slack. Exit code 1 unless it is answered.
struct AskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Ask one question without Slack; the answer is printed when it is complete.",
        discussion:
            "The shell's user is trusted to be the person named, and the audit log says that the command line asked.")

    @Argument(help: "The question.")
    var question: String

    @Option(help: "The e-mail of who asks.")
    var user: String

    @Flag(help: "One JSON object instead of text.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func validate() throws {
        if question.trimmingSpace.isEmpty { throw ValidationError("The question is empty.") }
        if !user.contains("@") { throw ValidationError("--user wants an e-mail.") }
    }

    func run() async throws {
        let app: App
        do {
            app = try await config.app()
        } catch let error as CommandFailed {
            throw error
        } catch {
            throw CommandFailed("error: \(error)")
        }
        let outcome = try await answer(app)
        if json { Terminal.out(AnswerJSON.body(outcome).text()) }
        guard case .answered = outcome else { throw ExitCode(1) }
    }

    private func answer(_ app: App) async throws -> QuestionOutcome {
        do {
            return try await ask(app)
        } catch {
            throw CommandFailed("error: \(error)")
        }
    }

    private func ask(_ app: App) async throws -> QuestionOutcome {
        try await app.whileServing { app in
            // The MCP servers of a running bot have started long before a question; a command starts them first, and a
            // server in Python needs seconds.
            let asker = try await app.questionService.users.principal(email: user)
            let policy = app.live.snapshot.policy
            await app.registry.settled(within: .seconds(20)) {
                policy.mayUse(server: $0, asker, in: .commandLine)
            }
            let id = ULID()
            let asked = Question(
                id: id, asker: asker, text: question, place: .commandLine, threadKey: "cli:\(id)")
            let printer = TerminalAnswerPrinter(isSilent: json)
            let outcome = try await app.questionService.ask(asked) { printer.handle($0) }
            printer.end(outcome)
            return outcome
        }
    }
}
