import ArgumentParser
import Bridge

/// `omni validate-policy`: lists the verdict on each tool for one user, with the role that the bot would use.
struct ValidatePolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate-policy",
        abstract: "Show every tool with its verdict for one person, and the rule that decided it.")

    @Option(help: "The e-mail of the person.")
    var user: String

    @Option(name: .customLong("mcp"), help: "Only this server.")
    var server: String?

    @Option(help: "As if asked in this channel: its id, or its name without #.")
    var channel: String?

    @Flag(help: "JSON, for programs.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let (app, catalogue, principal) = try await read()
        let policy = app.live.snapshot.policy
        let place =
            channel.map { Place(entryPoint: .slack, channel: $0, channelName: $0) }
            ?? Place(entryPoint: .slack, isDirect: true)
        let access = ToolAccess(of: principal, in: place, policy, catalogue)
        let verdicts = access.entries.filter { server == nil || $0.tool.name.server == server }
            .map { ($0.tool.name, $0.verdict) }
        for status in catalogue.servers where status.state == .unhealthy {
            Terminal.error("warning: \(status.name) cannot be asked for its tools: \(status.problem ?? "unknown")")
        }
        if json {
            Terminal.out(JSONValue.array(verdicts.map { Self.entry($0.0, $0.1) }).text())
            return
        }
        Terminal.out("\(principal.email) has the role \(principal.role) (\(principal.source))")
        if verdicts.isEmpty { Terminal.out("There are no tools to decide about.") }
        for (name, verdict) in verdicts {
            let reason = verdict.reason.isEmpty ? "" : " \(verdict.reason)"
            Terminal.out("\(verdict.decision.rawValue.padded(5)) \(name)\(reason) [\(verdict.rule)]")
        }
    }

    /// The tools, and the principal as the bot resolves the user.
    private func read() async throws -> (App, Catalogue, Principal) {
        do {
            let app = try await config.app()
            let (catalogue, principal) = try await app.whileServing { app in
                let principal = try await app.questionService.users.principal(email: user)
                _ = await app.registry.settled(within: .seconds(30))
                return (app.registry.catalogue, principal)
            }
            return (app, catalogue, principal)
        } catch let failed as CommandFailed {
            throw failed
        } catch {
            throw CommandFailed("error: \(error)")
        }
    }

    private static func entry(_ name: ToolName, _ verdict: Verdict) -> JSONValue {
        [
            "tool": .string("\(name)"), "verdict": .string(verdict.decision.rawValue),
            "step": verdict.step.map { .int(Int64($0.rawValue)) } ?? .null, "rule": .string("\(verdict.rule)"),
            "reason": .string(verdict.reason),
        ]
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
