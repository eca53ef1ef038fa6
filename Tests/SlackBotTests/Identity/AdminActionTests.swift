import Testing

@testable import SlackBot

@Suite("What /omni-admin is asked for")
struct AdminActionTests {
    @Test(
        "each action with its words",
        arguments: [
            ("list-users", .list(role: nil)), ("list-users dba", .list(role: "dba")),
            ("promote-user a@b.c dba", .setRole(user: "a@b.c", role: "dba", .up)),
            ("demote-user a@b.c", .setRole(user: "a@b.c", role: nil, .down)),
            ("demote-user a@b.c qa_tester", .setRole(user: "a@b.c", role: "qa_tester", .down)),
            ("set-role a@b.c dba", .setRole(user: "a@b.c", role: "dba", nil)),
            (" disable-user  @U1 ", .setActive(user: "@U1", false)), ("enable-user 7", .setActive(user: "7", true)),
            ("view-logs", .viewLogs(user: nil, count: 10)), ("view-logs 25", .viewLogs(user: nil, count: 25)),
            ("view-logs a@b.c", .viewLogs(user: "a@b.c", count: 10)),
            ("view-logs a@b.c 3", .viewLogs(user: "a@b.c", count: 3)), ("reload-config", .reload),
        ] as [(String, AdminAction)])
    func action(text: String, expected: AdminAction) {
        #expect(AdminAction(text) == expected)
    }

    @Test(
        "a text with words too few or too many is no action",
        arguments: [
            "", "help", "promote-user a@b.c", "promote-user a@b.c dba now", "demote-user", "disable-user",
            "enable-user a b", "view-logs 0", "view-logs 26", "view-logs a b", "view-logs 1 2", "reload-config now",
        ])
    func none(text: String) {
        #expect(AdminAction(text) == nil)
    }
}
