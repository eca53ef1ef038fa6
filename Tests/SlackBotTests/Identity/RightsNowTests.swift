import Analytics
import Bridge
import Foundation
import TestKit
import Testing

@testable import SlackBot

@Suite("The current rights of a user", .timeLimit(.minutes(2)))
struct RightsNowTests {
    private static let email = "ana@acme.example"

    private static func settings(_ users: String) throws -> Settings {
        try #require(ConfigFixtures.load(["users.yaml": users]).settings)
    }

    /// Runs the body with an empty store, and closes it unless the body did.
    private func withStore(_ users: String, _ body: (RightsNow, LiveSettings) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let store = try await Store.open(.sqlite(folder.url.appending(path: "omni.db").path))
        let live = LiveSettings(try Self.settings(users))
        do {
            try await body(RightsNow(store: store, live: live), live)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }

    private func asker(_ live: LiveSettings, storeRole: String? = nil) -> Principal {
        live.current.users.principal(email: Self.email, name: "Ana", storeRole: storeRole)
    }

    @Test("a user who is demoted in users.yaml has the new role as soon as the file is loaded")
    func reloaded() async throws {
        try await withStore("users: [{email: \(Self.email), role: dba}]") { rights, live in
            let asker = asker(live)
            #expect(await rights.of(asker)?.principal.role == "dba")
            let demoted = try Self.settings("users: [{email: \(Self.email), role: read_only}]")
            _ = live.swap(demoted)
            let now = try #require(await rights.of(asker))
            #expect(now.principal.role == "read_only")
            #expect(now.policy === live.snapshot.policy)
        }
    }

    @Test("a user whose role changes in the store has it at once, unless users.yaml names them")
    func roleInRecord() async throws {
        try await withStore("default_user: {role: qa_tester}") { rights, live in
            let seenUser = SeenUser(email: Self.email, name: "Ana", role: "dba")
            let row = try await rights.store.add(seenUser)
            let asker = asker(live, storeRole: row.role)
            #expect(await rights.of(asker)?.principal.role == "dba")
            _ = try await rights.store.setRole("read_only", of: Self.email)
            #expect(await rights.of(asker)?.principal.role == "read_only")
            _ = live.swap(try Self.settings("users: [{email: \(Self.email), role: power_user}]"))
            #expect(await rights.of(asker)?.principal.role == "power_user")
        }
    }

    @Test("a user disabled by an administrator has no rights, whatever users.yaml says")
    func disabled() async throws {
        try await withStore("users: [{email: \(Self.email), role: admin}]") { rights, live in
            _ = try await rights.store.add(SeenUser(email: Self.email, name: "Ana", role: "admin"))
            let asker = asker(live)
            #expect(await rights.of(asker) != nil)
            _ = try await rights.store.setActive(false, Self.email)
            #expect(await rights.of(asker) == nil)
        }
    }

    @Test("while the store cannot be read its last known role applies, unless users.yaml has taken it away")
    func unreadable() async throws {
        try await withStore("default_user: {role: qa_tester}") { rights, live in
            let asker = asker(live, storeRole: "dba")
            await rights.store.close()
            #expect(await rights.of(asker)?.principal.role == "dba")
            _ = live.swap(try Self.settings("users: [{email: \(Self.email), role: read_only}]"))
            #expect(await rights.of(asker)?.principal.role == "read_only")
        }
    }
}
