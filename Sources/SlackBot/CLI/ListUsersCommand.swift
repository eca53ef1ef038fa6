import ArgumentParser
import Bridge

/// `omni list-users`: lists the users of the configuration and the store.
struct ListUsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-users", abstract: "Show all users of the configuration and of the store.")

    @Option(help: "Only people of this role.")
    var role: String?

    @Flag(help: "JSON, for programs.")
    var json = false

    @OptionGroup var config: ConfigOptions

    func run() async throws {
        let members = try await config.withStore { store, live in
            try await UserAdministration(store: store, live: live).members()
        }.filter { role == nil || $0.role == role }
        guard !json else { return Terminal.out(JSONValue.array(members.map(\.json)).text()) }
        guard !members.isEmpty else {
            return Terminal.out("Nobody is known yet. Add people to users.yaml, or with `omni add-user`.")
        }
        Terminal.out(
            TextTable.text(
                ["E-MAIL", "NAME", "ROLE", "SLACK", "STATE", "FROM"],
                members.map { member in
                    let state = member.isActive ? (member.isSuperAdmin ? "super admin" : "active") : "disabled"
                    return [
                        member.email, member.name, member.role, member.slackUser ?? "-", state, "\(member.source)",
                    ]
                }))
    }
}
