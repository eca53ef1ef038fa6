import Analytics
import Bridge
import Foundation
import TestKit
import Testing

@testable import SlackBot

@Suite("A configuration file that is lost while the process runs", .timeLimit(.minutes(3)))
struct LostFileTests {
    private static let slack = """
        allowed_channels:
          mode: whitelist
          whitelist: [C0OPS]

        """
    private static let users = """
        users:
          - {email: ana@acme.example, role: dba}
          - {email: ben@acme.example, role: power_user}

        """

    private static func isOpen(_ app: App) -> Bool {
        app.live.current.slack.allowedChannels.allows(channel: "C1", name: "x", isDirect: false, isPrivate: false)
    }

    @Test("one that is gone is an error of the reload, and its rules stay")
    func gone() async throws {
        try await AppFixture.run(["slack.yaml": Self.slack]) { fixture in
            let (app, reloader) = (fixture.app, fixture.reloader())
            try FileManager.default.removeItem(atPath: fixture.path(of: "slack.yaml"))
            let outcome = await reloader.reload(by: "Ana")
            #expect(outcome.state == .rejected && !Self.isOpen(app))
            #expect(outcome.errors.map(\.message) == ["is gone, though it is in use"])
            #expect(outcome.errors.first?.file.hasSuffix("slack.yaml") == true)
            #expect(reloader.last.json["problems"]?.text().contains("slack.yaml") == true)
            #expect(try await app.store.adminEvents().map(\.action) == ["config.rejected"])
            try fixture.write(Self.slack, to: "slack.yaml")
            #expect(await reloader.reload(by: "Ana").state == .unchanged)
            // Whoever means it says so.
            try fixture.write("{}\n", to: "slack.yaml")
            #expect(await reloader.reload(by: "Ana").state == .applied)
            #expect(Self.isOpen(app))
        }
    }

    @Test("one that has lost its content likewise", arguments: ["", "\n\n", "# mode: whitelist\n", "---\n"])
    func empty(text: String) async throws {
        try await AppFixture.run(["slack.yaml": Self.slack]) { fixture in
            let reloader = fixture.reloader()
            try fixture.write(text, to: "slack.yaml")
            let outcome = await reloader.reload(by: "Ana")
            #expect(outcome.errors.map(\.message) == ["is empty, though it is in use"])
            #expect(!Self.isOpen(fixture.app))
        }
    }

    @Test("one without content before may stay so, and may go")
    func nothingToLose() async throws {
        try await AppFixture.run(["slack.yaml": "# nothing yet\n"]) { fixture in
            let reloader = fixture.reloader()
            try fixture.write("", to: "slack.yaml")
            #expect(await reloader.reload(by: "Ana").state == .applied)
            try FileManager.default.removeItem(atPath: fixture.path(of: "slack.yaml"))
            #expect(await reloader.reload(by: "Ana").errors.isEmpty)
        }
    }

    @Test("one that is cut within a line is an error; saved whole it counts")
    func halfWritten() async throws {
        try await AppFixture.run(["users.yaml": Self.users]) { fixture in
            let (app, reloader) = (fixture.app, fixture.reloader())
            func role(_ email: String) -> String? { app.live.current.users.principal(email: email)?.role }
            let new = Self.users.replacing("role: dba}", with: "role: admin}")
            try fixture.write(String(new.dropLast()), to: "users.yaml")
            let cut = await reloader.reload(by: "Ana")
            #expect(cut.errors.map(\.message) == ["ends within a line, so it may be half-written"])
            #expect(role("ana@acme.example") == "dba")

            try fixture.write(new, to: "users.yaml")
            #expect(await reloader.reload(by: "Ana").state == .applied)
            #expect(role("ana@acme.example") == "admin" && role("ben@acme.example") == "power_user")
        }
    }

    @Test("a file with the beginning of what is in use waits a while for its rest, then it counts")
    func beginning() async throws {
        try await AppFixture.run(["users.yaml": Self.users]) { fixture in
            let (app, reloader) = (fixture.app, fixture.reloader(interval: .milliseconds(100)))
            func ben() -> String? { app.live.current.users.principal(email: "ben@acme.example")?.role }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await reloader.run() }
                let begun = ContinuousClock.now
                let first = Self.users.split(separator: "\n").prefix(2).joined(separator: "\n") + "\n"
                try fixture.write(first, to: "users.yaml")
                try await eventually("the shorter file counts") { ben() == nil }
                #expect(ContinuousClock.now - begun >= .milliseconds(100 * (FileWatch.requiredQuietPolls - 1)))
                group.cancelAll()
            }
        }
    }

    @Test("the administrators are told of a rejected reload once, and when the files are well again")
    func told() async throws {
        try await AppFixture.run(["slack.yaml": Self.slack]) { fixture in
            let reloader = fixture.reloader(interval: .milliseconds(20))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await reloader.run() }
                var alerts = fixture.app.alerts.alerts.makeAsyncIterator()
                try FileManager.default.removeItem(atPath: fixture.path(of: "slack.yaml"))
                let first = await alerts.next()
                let bad = try #require(first).text
                #expect(bad.contains("slack.yaml") && bad.contains("is gone"))
                try fixture.write(Self.slack, to: "slack.yaml")
                let well = await alerts.next()
                #expect(well?.text == UserMessages.reloadAccepted)
                group.cancelAll()
            }
        }
    }
}
