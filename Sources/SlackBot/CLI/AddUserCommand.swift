import ArgumentParser
import Bridge

/// `omni add-user`: adds a user to the store, or changes the role of one.
struct AddUserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-user", abstract: "Add a person to the store, or change the role of one who is there.",
        discussion: "Whom users.yaml names is changed there.")

    @Option(help: "The e-mail by which the person is known.")
    var email: EmailArgument

    @Option(help: "A role that the configuration declares.")
    var role: String

    @Option(help: "The person's id in Slack, as U0123ABCD; without it Slack's own e-mail decides.")
    var slackId: String?

    @Option(help: "As people read it.")
    var name: String?

    @Flag(help: "JSON, for programs.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func validate() throws {
        guard let slackId else { return }
        let isID = slackId.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
        guard isID, slackId.count > 2, slackId.hasPrefix("U") || slackId.hasPrefix("W") else {
            throw ValidationError("--slack-id wants an id like U0123ABCD.")
        }
    }

    func run() async throws {
        let member = try await config.withStore { store, live in
            try await UserAdministration(store: store, live: live).add(
                email: email.text, role: role, slackUser: slackId, name: name, by: Terminal.actor)
        }
        Terminal.out(json ? member.json.text() : "ok: \(member.email) has the role \(member.role)")
    }
}
