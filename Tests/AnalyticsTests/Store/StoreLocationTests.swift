import TestKit
import Testing

@testable import Analytics

@Suite("The location of the store", .timeLimit(.minutes(3)))
struct StoreLocationTests {
    @Test(
        "DATABASE_URL names a PostgreSQL database or a file",
        arguments: [
            (nil, "SQLite data/omni.db"), ("", "SQLite data/omni.db"), ("sqlite:///x/omni.db", "SQLite x/omni.db"),
            ("sqlite:////var/omni.db", "SQLite /var/omni.db"),
            ("postgresql+asyncpg://omni:s3cret@db:5432/omni?ssl=require", "PostgreSQL db:5432/omni"),
            ("postgres://omni:s3c@ret@db/omni", "PostgreSQL db/omni"), ("postgresql:///omni", "PostgreSQL /omni"),
        ] as [(String?, String)])
    func locations(_ url: String?, _ description: String) throws {
        #expect(try StoreLocation(databaseURL: url, dataFolder: "data").description == description)
    }

    @Test(
        "an invalid URL is explained without its password",
        arguments: [
            "mysql://u:s3cret@db/x", "postgresql//u:s3cret@db", "sqlite://s3cret", "sqlite:///:memory:",
            "postgresql://",
        ])
    func wrong(_ url: String) throws {
        let error = #expect(throws: StoreError.self) { _ = try StoreLocation(databaseURL: url, dataFolder: "data") }
        let message = try #require(error?.message)
        #expect(message.contains("DATABASE_URL") && message.contains("postgresql://user:password@host"))
        #expect(!message.contains("s3cret"))
    }

    @Test("an unreachable server is named, its password is not")
    func unreachable() async throws {
        let refused = try RefusedPort()
        defer { refused.release() }
        let url = "postgresql://omni:s3cret@127.0.0.1:\(refused.number)/omni"
        let location = try StoreLocation(databaseURL: url, dataFolder: "data")
        let error = await #expect(throws: StoreError.self) { _ = try await Store.open(location) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("s3cret") == false)
    }

    @Test("a folder that cannot be created is named")
    func noFolder() async throws {
        let error = await #expect(throws: StoreError.self) {
            _ = try await Store.open(.sqlite("/dev/null/omni/omni.db"))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("/dev/null/omni/omni.db") == true)
    }
}
