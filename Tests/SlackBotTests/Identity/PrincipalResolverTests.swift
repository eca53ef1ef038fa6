import Analytics
import Bridge
import Testing

@testable import SlackBot

@Suite("Who asks in Slack", .timeLimit(.minutes(3)))
struct PrincipalResolverTests {
    /// A resolver with what it asks.
    private struct Fixture {
        let double: SlackAPIDouble
        let directory: SlackDirectory
        let store: Store
        let resolver: PrincipalResolver

        /// Queues a user object as the response of the next `users.info`.
        func willBe(_ user: JSONValue) async throws {
            try await double.script("users.info", [["body": ["ok": true, "user": user]]])
        }

        func ask(_ slackUser: String = "U1") async -> PrincipalResolver.Outcome {
            await resolver.principal(slackUser: slackUser, team: "T1")
        }

        func known(_ slackUser: String = "U1") async throws -> Principal {
            guard case .known(let principal) = await ask(slackUser) else { throw NotKnown() }
            return principal
        }

        /// The message of a refusal; nil when the user is known.
        func refusal(_ slackUser: String = "U1") async -> String? {
            if case .refused(let reason) = await ask(slackUser) { reason } else { nil }
        }
    }

    private struct NotKnown: Error {}

    private static let ana: JSONValue = [
        "team_id": "T1", "profile": ["real_name": "Ana", "email": "Ana@acme.example", "display_name": "ana"],
    ]

    /// - Parameters:
    ///   - users: the text of users.yaml.
    ///   - fresh: how long a user is used without a call.
    private func open(
        _ users: String = "", fresh: Duration = .seconds(3_600), _ body: (Fixture) async throws -> Void
    ) async throws {
        let files: [String: String] = users.isEmpty ? [:] : ["users.yaml": users]
        let settings = try #require(ConfigFixtures.load(files).settings)
        try await StoreFixture.run { stores in
            try await SlackAPIDouble.run { double in
                let api = double.api()
                let directory = SlackDirectory(api: api, fresh: fresh)
                let resolver = PrincipalResolver(
                    directory: directory, live: LiveSettings(settings), store: stores[0],
                    installation: Installation(api: api), logger: SlackAPIDouble.logger)
                try await body(
                    Fixture(double: double, directory: directory, store: stores[0], resolver: resolver))
            }
        }
    }

    @Test("bots, deactivated accounts, guests and users of other workspaces are told why, and get no row")
    func refused() async throws {
        try await open { fixture in
            let users: [(JSONValue, String)] = [
                (["is_bot": true], UserMessages.bot), (["is_app_user": true], UserMessages.bot),
                (["deleted": true], UserMessages.deactivated), (["is_restricted": true], UserMessages.guest),
                (["is_stranger": true], UserMessages.stranger), (["team_id": "T2"], UserMessages.stranger),
                (["profile": ["team": "T2"]], UserMessages.stranger),
            ]
            for (number, (user, reason)) in users.enumerated() {
                try await fixture.willBe(user)
                #expect(await fixture.refusal("U\(number)") == reason)
            }
            try await fixture.willBe(["name": "slackbot"])
            #expect(await fixture.refusal("USLACKBOT") == UserMessages.bot)
            #expect(try await fixture.store.users().isEmpty)
        }
    }

    @Test("a member is looked up once, stored, and has the default role; users.yaml decides for those it names")
    func members() async throws {
        let users = """
            default_user: {role: read_only}
            users: [{email: cleo@acme.example, role: dba, slack_user_id: U2}]
            """
        try await open(users) { fixture in
            try await fixture.willBe(Self.ana)
            for _ in 0..<3 {
                let ana = try await fixture.known()
                #expect(ana.email == "ana@acme.example" && ana.name == "Ana" && ana.role == "read_only")
            }
            try await fixture.willBe(["team_id": "T1", "profile": ["email": "other@acme.example"]])
            let cleo = try await fixture.known("U2")
            #expect(cleo.email == "cleo@acme.example" && cleo.role == "dba", "the Slack id is named")
            #expect(
                try await fixture.double.calls("users.info").compactMap { $0.body["user"]?.string } == ["U1", "U2"])
            #expect(try await fixture.double.calls("auth.test").count == 1)
            #expect(try await fixture.store.users().map(\.email) == ["ana@acme.example", "cleo@acme.example"])
        }
    }

    @Test("a colleague from another workspace of the same organisation is one of us; others are not")
    func organisation() async throws {
        try await open("users: [{email: ana@acme.example, role: dba, slack_user_id: U1}]") { fixture in
            var ana = Self.ana
            ana["team_id"] = "T2"
            ana["enterprise_user"] = ["id": "U1", "enterprise_id": "E1", "teams": ["T2", "T1"]]
            try await fixture.willBe(ana)
            #expect(try await fixture.known().role == "dba")
            let elsewhere: JSONValue = ["team_id": "T2", "enterprise_user": ["id": "U2", "teams": ["T2", "T3"]]]
            try await fixture.willBe(elsewhere)
            #expect(await fixture.refusal("U2") == UserMessages.stranger)
            var stranger = ana
            stranger["is_stranger"] = true
            try await fixture.willBe(stranger)
            #expect(await fixture.refusal("U3") == UserMessages.stranger)
            var guest = ana
            guest["is_restricted"] = true
            try await fixture.willBe(guest)
            #expect(await fixture.refusal("U4") == UserMessages.guest)
        }
    }

    @Test("an e-mail address that Slack has not confirmed gives no rights")
    func unconfirmed() async throws {
        try await open("users: [{email: ana@acme.example, role: admin}]") { fixture in
            var user = Self.ana
            user["is_email_confirmed"] = false
            try await fixture.willBe(user)
            let principal = try await fixture.known()
            #expect(principal.email == "u1@slack.invalid")
            #expect(principal.role != "admin")
        }
    }

    @Test("a user who is deactivated is refused at the next question after user_change")
    func changed() async throws {
        try await open { fixture in
            try await fixture.willBe(Self.ana)
            _ = try await fixture.known()
            var gone = Self.ana
            gone["deleted"] = true
            try await fixture.willBe(gone)
            _ = try await fixture.known()
            await fixture.directory.forget("U1", team: "T1")
            #expect(await fixture.refusal() == UserMessages.deactivated)
            #expect(try await fixture.double.calls("users.info").count == 2)
        }
    }

    @Test("a known user may ask while users.info fails, an unknown one is told to try again and is answered later")
    func outage() async throws {
        try await open(fresh: .zero) { fixture in
            try await fixture.willBe(Self.ana)
            _ = try await fixture.known()
            try await fixture.double.script(
                "users.info", [.slackError("missing_scope"), .slackError("user_not_found")])
            _ = try await fixture.known()
            #expect(await fixture.refusal("U2") == UserMessages.cannotCheck)
            try await fixture.willBe(["team_id": "T1", "name": "ben"])
            #expect(try await fixture.known("U2").name == "ben")
        }
    }

    @Test("a user of whom Slack cannot say whether they are of this workspace is not answered")
    func noIdentity() async throws {
        try await open { fixture in
            try await fixture.willBe(Self.ana)
            try await fixture.double.script("auth.test", [.slackError("fatal_error")])
            #expect(await fixture.refusal() == UserMessages.cannotCheck)
            _ = try await fixture.known()
            #expect(try await fixture.store.users().count == 1)
        }
    }

    @Test("a user whom an administrator disabled is refused, and nobody is answered while the store cannot be read")
    func store() async throws {
        try await open("users: [{email: ana@acme.example, role: admin}]") { fixture in
            try await fixture.willBe(Self.ana)
            _ = try await fixture.known()
            _ = try await fixture.store.setActive(false, "ana@acme.example")
            #expect(await fixture.refusal() == UserMessages.disabled)
            _ = try await fixture.store.setActive(true, "ana@acme.example")
            await fixture.store.close()
            #expect(await fixture.refusal() == UserMessages.cannotCheck)
        }
    }
}
