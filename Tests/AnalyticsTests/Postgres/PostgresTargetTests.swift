import Bridge
import TestKit
import Testing

@testable import Analytics

@Suite("PostgreSQL connection strings and statement cache")
struct PostgresTargetTests {
    @Test(
        "URLs in SQLAlchemy's spelling become libpq's",
        arguments: [
            ("postgresql+asyncpg://u:p@h:5/d", "postgresql://u:p@h:5/d"),
            ("postgresql+asyncpg://u@h/d?ssl=require&a=b", "postgresql://u@h/d?sslmode=require&a=b"),
            ("postgres+psycopg2://h/d", "postgres://h/d"),
            ("postgresql://u:a+b@h/d?ssl=true", "postgresql://u:a+b@h/d?ssl=true"),
            ("host=h dbname=d", "host=h dbname=d"),
        ])
    func spelling(given: String, expected: String) {
        #expect(PostgresTarget.libpqSpelling(given) == expected)
    }

    @Test("the description names host, port and database, and no credentials")
    func place() throws {
        let target = try PostgresTarget(url: Secret("postgresql+asyncpg://ann:hunter2@db.example:5433/omni"))
        #expect(target.place == "db.example:5433/omni")
        #expect(!String(reflecting: target).contains("hunter2"))
    }

    @Test(
        "a malformed URL is refused without being repeated",
        arguments: [
            "mysql://ann:hunter2@h/d", "postgresql://ann:hunter2@[h/d", "postgresql://ann:hunter2@h/d?nonsense=1",
        ])
    func unreadable(url: String) throws {
        let error = try #require(#expect(throws: StoreError.self) { try PostgresTarget(url: Secret(url)) })
        #expect(!error.message.contains("hunter2"))
        #expect(error.message.contains("postgresql://"))
    }

    @Test("the least recently used statement is evicted")
    func leastRecentlyUsed() {
        var cache = StatementCache(capacity: 2)
        for sql in ["a", "b"] { cache.insert(sql, name: "name-" + sql) }
        #expect(cache.name(for: "a") == "name-a")
        cache.insert("c", name: "name-c")
        #expect(cache.name(for: "b") == nil)
        #expect(cache.name(for: "a") == "name-a")
        #expect(cache.retired == ["name-b"])
        #expect(cache.count == 2)
    }

    @Test("names of prepared statements are unique")
    func freshNames() {
        var cache = StatementCache(capacity: 1)
        let names = (0..<100).map { _ in cache.nextName() }
        #expect(Set(names).count == 100)
    }
}
