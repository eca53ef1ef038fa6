import Analytics
import Bridge
import Testing

@testable import SlackBot

@Suite("Reloading the configuration", .timeLimit(.minutes(3)))
struct ReloaderTests {
    private static let users = "users: [{email: ana@acme.example, role: dba}]\n"

    private static func role(_ app: App) -> String? {
        app.live.current.users.principal(email: "ana@acme.example")?.role
    }

    @Test("a changed file is in force at once and recorded; the same files again change and record nothing")
    func applied() async throws {
        try await AppFixture.run { fixture in
            let (app, reloader) = (fixture.app, fixture.reloader())
            try fixture.write(Self.users, to: "users.yaml")
            let outcome = await reloader.reload(by: "Ana")
            #expect(outcome.state == .applied && outcome.generation == 2)
            #expect(!outcome.changed.isEmpty && outcome.changed.allSatisfy { $0.hasPrefix("users.yaml ") })
            #expect(outcome.needsRestart.isEmpty && outcome.errors.isEmpty)
            #expect(Self.role(app) == "dba")
            #expect(app.live.snapshot.generation == 2)
            #expect(reloader.last == outcome)
            let again = await reloader.reload(by: "Ben")
            #expect(again.state == .unchanged && again.generation == 2)
            let events = try await app.store.adminEvents()
            #expect(events.map(\.action) == ["config.reloaded"])
            #expect(events.first?.actor == "Ana")
            #expect(events.first?.subject == outcome.digest)
        }
    }

    @Test("with an error in one file nothing of any file is in force; the error is shown with its place")
    func rejected() async throws {
        try await AppFixture.run(["users.yaml": Self.users]) { fixture in
            let (app, reloader) = (fixture.app, fixture.reloader())
            let digest = app.live.current.digest
            try fixture.write(Self.users.replacing("dba", with: "admin"), to: "users.yaml")
            try fixture.write(AppFixture.settings + "question: {deadline_seconds: soon}\n", to: "settings.yaml")
            let outcome = await reloader.reload(by: "Ana")
            #expect(outcome.state == .rejected && outcome.generation == 1 && outcome.digest == digest)
            #expect(outcome.errors.contains { "\($0)".contains("settings.yaml:3") }, "\(outcome.errors)")
            #expect(outcome.json["error"]?["code"]?.string == ErrorCode.configuration.rawValue)
            #expect(outcome.json["problems"]?.text().contains("settings.yaml:3") == true)
            #expect(Self.role(app) == "dba")
            #expect(app.live.generation == 1)
            #expect(reloader.last.state == .rejected)
            #expect(try await app.store.adminEvents().first?.action == "config.rejected")

            try fixture.write(AppFixture.settings + "question: {deadline_seconds: 77}\n", to: "settings.yaml")
            #expect(await reloader.reload(by: "Ana").state == .applied)
            #expect(Self.role(app) == "admin")
            #expect(app.live.current.deadline == .seconds(77))
        }
    }

    @Test("a key that needs a restart is named until the restart, or until the file has the old value again")
    func restart() async throws {
        try await AppFixture.run { fixture in
            let (app, reloader) = (fixture.app, fixture.reloader())
            let changed = AppFixture.settings.replacing("port: 0", with: "port: 1")
            try fixture.write(changed + "question: {deadline_seconds: 77}\n", to: "settings.yaml")
            let outcome = await reloader.reload(by: "Ana")
            #expect(outcome.state == .applied)
            #expect(outcome.needsRestart == ["settings.yaml app.port"])
            #expect(outcome.changed == ["settings.yaml question.deadline_seconds"])
            #expect(app.live.current.sidePort.port == 0)
            #expect(app.live.current.deadline == .seconds(77))
            let again = await reloader.reload(by: "Ana")
            #expect(again.state == .unchanged && again.needsRestart == outcome.needsRestart)
            try fixture.write(AppFixture.settings + "question: {deadline_seconds: soon}\n", to: "settings.yaml")
            #expect(await reloader.reload(by: "Ana").needsRestart == outcome.needsRestart)
            try fixture.write(AppFixture.settings, to: "settings.yaml")
            let back = await reloader.reload(by: "Ana")
            #expect(back.state == .applied && back.needsRestart.isEmpty)
        }
    }

    @Test("a file that was changed on disk is noticed and put in force without a request")
    func watched() async throws {
        try await AppFixture.run { fixture in
            let (app, reloader) = (fixture.app, fixture.reloader(interval: .milliseconds(10)))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await reloader.run() }
                try fixture.write(Self.users, to: "users.yaml")
                try await Self.until { try await app.store.adminEvents().first != nil }
                group.cancelAll()
            }
            #expect(Self.role(app) == "dba")
            #expect(try await app.store.adminEvents().map(\.actor) == ["file"])
        }
    }

    private static func until(_ condition: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            try #require(ContinuousClock.now < end, "not within a minute")
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
