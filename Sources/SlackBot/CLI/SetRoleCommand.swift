import ArgumentParser
import Bridge

/// `omni set-role`: changes the role of a user in the store.
struct SetRoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-role", abstract: "Give a person in the store another role.",
        discussion: "Whom users.yaml names is changed there.")

    @Option(help: "The person's e-mail.")
    var email: EmailArgument

    @Option(help: "A role that the configuration declares.")
    var role: String

    @Flag(help: "JSON, for programs.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let member = try await config.withStore { store, live in
            try await UserAdministration(store: store, live: live).setRole(role, of: email.text, by: Terminal.actor)
        }
        Terminal.out(json ? member.json.text() : "ok: \(member.email) has the role \(member.role)")
    }
}
