import Bridge
import Testing

@testable import SlackBot

@Suite("Users and channels by Slack id", .timeLimit(.minutes(1)))
struct SlackDirectoryTests {
    /// Slack's responses in order; before each it runs a closure of the test, as an event that arrives meanwhile
    /// would.
    private actor Slack {
        private var answers: [JSONValue?]
        private var meanwhile: (@Sendable () async -> Void)?
        private(set) var calls = 0

        /// nil: the call fails.
        init(_ answers: JSONValue?...) { self.answers = answers }

        func during(_ act: (@Sendable () async -> Void)?) { meanwhile = act }

        func answer() async throws -> JSONValue {
            calls += 1
            let answer = answers.isEmpty ? nil : answers.removeFirst()
            await meanwhile?()
            guard let answer else { throw SlackError("unreachable", method: "test") }
            return answer
        }
    }

    private static func directory(
        _ slack: Slack, fresh: Duration = .seconds(3600), usable: Duration = .seconds(86_400), capacity: Int = 10_000
    ) -> SlackDirectory {
        SlackDirectory(
            fresh: fresh, usable: usable, capacity: capacity, askUser: { _ in try await slack.answer() },
            askChannel: { _ in try await slack.answer() })
    }

    private static func user(isDeleted: Bool = false) -> JSONValue { ["name": "ana", "deleted": .bool(isDeleted)] }

    @Test("a user deactivated while users.info is in flight is known as deactivated at once")
    func changedMeanwhile() async throws {
        let slack = Slack(Self.user(), Self.user(isDeleted: true))
        let directory = Self.directory(slack)
        await slack.during {
            await slack.during(nil)
            await directory.forget("U1", team: "T1")
        }
        #expect(try await directory.user("U1", team: "T1").isDeleted)
        #expect(try await directory.user("U1", team: "T1").isDeleted)
        #expect(await slack.calls == 2)
    }

    @Test("a user who changes during each look-up is returned, and looked up again the next time")
    func alwaysChanging() async throws {
        let slack = Slack(Self.user(), Self.user(), Self.user(), Self.user(isDeleted: true))
        let directory = Self.directory(slack)
        await slack.during { await directory.forget("U1", team: "T1") }
        #expect(try await !directory.user("U1", team: "T1").isDeleted)
        await slack.during(nil)
        #expect(try await directory.user("U1", team: "T1").isDeleted)
        #expect(await slack.calls == 4)
    }

    @Test("the change of one user causes no look-up of another")
    func others() async throws {
        let slack = Slack(Self.user())
        let directory = Self.directory(slack)
        await slack.during { await directory.forget("U2", team: "T1") }
        _ = try await directory.user("U1", team: "T1")
        _ = try await directory.user("U1", team: "T1")
        #expect(await slack.calls == 1)
    }

    @Test("the cache is bounded: the oldest entry is removed")
    func bounded() async throws {
        let user = Self.user()
        let slack = Slack(user, user, user, user, ["name": "a"], ["name": "b"], ["name": "c"])
        let directory = Self.directory(slack, capacity: 2)
        for id in ["U1", "U2", "U3", "U3", "U2", "U1"] { _ = try await directory.user(id, team: "T1") }
        #expect(await slack.calls == 4, "U1 had made room for U3")
        for id in ["C1", "C2"] { #expect(await directory.channel(id) != nil) }
        #expect(await directory.channel("C1")?.name == "a")
        #expect(await directory.channel("C3")?.name == "c")
        #expect(await slack.calls == 7)
    }

    @Test("a channel's earlier names are known as long as the process runs")
    func renamed() async throws {
        let directory = Self.directory(Slack(["name": "prod"], ["name": "prod-eu"]), fresh: .zero, capacity: 1)
        #expect(await directory.formerNames(of: "C1", now: nil).isEmpty)
        #expect(await directory.channel("C1")?.name == "prod")
        #expect(await directory.formerNames(of: "C1", now: "prod").isEmpty)
        #expect(await directory.channel("C1")?.name == "prod-eu")
        #expect(await directory.formerNames(of: "C1", now: "prod-eu") == ["prod"])
        #expect(await directory.formerNames(of: "C2", now: "prod").isEmpty)
    }

    @Test("a channel's name is used for at most a day while Slack cannot be asked")
    func channelInOutage() async throws {
        let kept = Self.directory(Slack(["name": "prod"]), fresh: .zero)
        #expect(await kept.channel("C1")?.name == "prod")
        #expect(await kept.channel("C1")?.name == "prod", "Slack fails, and the rules of #prod count on")
        #expect(await kept.channel("C2") == nil)
        let outdated = Self.directory(Slack(["name": "prod"]), fresh: .zero, usable: .zero)
        #expect(await outdated.channel("C1")?.name == "prod")
        #expect(await outdated.channel("C1") == nil)
    }
}
