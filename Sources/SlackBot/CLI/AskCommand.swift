import ArgumentParser
import Bridge
import Foundation

struct Ask: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask one question through the same bridge; the answer is streamed to the terminal.",
        discussion:
            "The shell's user is trusted to be the person named, and the record says that the command line asked.")

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
        let house: House
        do {
            house = try await config.house()
        } catch let error as CommandFailed {
            throw error
        } catch {
            throw CommandFailed("error: \(error)")
        }
        let ending = try await answer(house)
        if json { Terminal.out(AnswerJSON.body(ending).text()) }
        guard case .answered = ending else { throw ExitCode(1) }
    }

    private func answer(_ house: House) async throws -> Ending {
        do {
            return try await asking(house)
        } catch {
            throw CommandFailed("error: \(error)")
        }
    }

    private func asking(_ house: House) async throws -> Ending {
        try await house.whileServing { house in
            // A bot's servers are up long before a question; a command starts them, and a Python server takes seconds.
            let asker = try await house.asking.principal(email: user)
            let policy = house.live.snapshot.policy
            await house.registry.settled(within: .seconds(20)) {
                policy.mayUse(server: $0, asker, in: .commandLine)
            }
            let id = ULID()
            let asked = Question(
                id: id, asker: asker, text: question, place: .commandLine, threadKey: "cli:\(id)")
            let voice = TerminalVoice(isSilent: json)
            let ending = try await house.asking.ask(asked) { voice.hear($0) }
            voice.end(ending)
            return ending
        }
    }
}
