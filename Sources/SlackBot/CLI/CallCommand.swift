import ArgumentParser
import Bridge
import Foundation

/// `omni call`: calls one tool as a user. Exit code 1 unless it succeeds.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Call one tool directly, under the person's permissions and into the audit log.",
        discussion: """
            The shell's user is trusted to be the person named, and the audit log says that the command line called. \
            Exit code 1 when the call is denied or fails.
            """)

    @Argument(help: "The server's name in mcps.yaml.")
    var server: String

    @Argument(help: "The tool's name.")
    var tool: String

    @Argument(help: "The arguments as a JSON object; - reads them from standard input.")
    var arguments = "{}"

    @Option(help: "The e-mail of who calls.")
    var user: EmailArgument

    @Flag(help: "One JSON object instead of text.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func validate() throws {
        if arguments != "-" { _ = try Self.object(arguments) }
    }

    func run() async throws {
        let arguments = try Self.object(self.arguments == "-" ? Self.standardInput() : self.arguments)
        let called = try await call(arguments)
        if json {
            Terminal.out(AnswerJSON.body(called).text())
        } else {
            show(called)
        }
        guard case .answered = called.outcome else { throw ExitCode(1) }
    }

    private static func object(_ text: String) throws -> JSONValue {
        guard let value = try? JSONValue(lenient: text.trimmingSpace), value.object != nil else {
            throw ValidationError("The arguments must be a JSON object, as '{\"limit\": 5}'.")
        }
        return value
    }

    private static func standardInput() throws -> String {
        String(decoding: try FileHandle.standardInput.readToEnd() ?? Data(), as: UTF8.self)
    }

    private func call(_ arguments: JSONValue) async throws -> DirectCallResult {
        do {
            return try await config.app().whileServing { app in
                // The MCP servers of a running bot have started long before a call; a command starts them first, and a
                // server in Python needs seconds.
                await app.registry.settled(within: .seconds(20)) { $0 == server }
                let caller = try await app.questionService.users.principal(email: user.text)
                return try await app.questionService.call(
                    ToolName(server: server, tool: tool), arguments: arguments, by: caller, in: .commandLine)
            }
        } catch let failed as CommandFailed {
            throw failed
        } catch {
            throw CommandFailed("error: \(error)")
        }
    }

    private func show(_ called: DirectCallResult) {
        if let text = called.result?.text { Terminal.out(text) }
        let others = called.result?.content.count { if case .text = $0 { false } else { true } } ?? 0
        if others > 0 { Terminal.error("\(others) parts that are no text: --json shows them") }
        switch called.outcome {
        case .answered: break
        case .refused(let refusal): Terminal.error("refused: \(refusal.message) (\(refusal.rule))")
        case .failed(let failure), .interrupted(let failure):
            Terminal.error("error: \(failure.error) [\(failure.errorID)]")
        case .cancelled: Terminal.error("stopped")
        }
    }
}
