import Analytics
import Bridge
import Foundation
import TestKit
import Testing

@Suite("PostgreSQL values", .timeLimit(.minutes(2)))
struct PostgresValuesTests {
    @Test("each kind of value comes back from a table unchanged")
    func roundTrip() async throws {
        let pool = try await makePool()
        let values: [SQLValue] = [
            .int(.min), .int(-7), .int(3), .double(0.1), .double(1e300), .text("plain"), .bytes([0, 1, 0x5c, 0xff]),
            .bool(true), .bool(false), .text("12.340000"),
        ]
        let row = try await pool.write { connection in
            try connection.script(
                """
                CREATE TABLE every (a bigint, b integer, c smallint, d double precision, e double precision, f text,
                    g bytea, h boolean, i boolean, j numeric(10, 6))
                """)
            try connection.execute(
                "INSERT INTO every VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", values)
            return try connection.query("SELECT * FROM every", []).first
        }
        #expect(row?.values == values)
        #expect(row?.columns.names == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
        await pool.close()
    }

    @Test("NULL is distinguished from empty text, empty bytes and false")
    func nulls() async throws {
        let pool = try await makePool()
        let row = try await pool.read { connection in
            try connection.query(
                "SELECT $1::text AS a, $2::text AS b, $3::bytea AS c, $4::bytea AS d, $5::bool AS e, $6::bool AS f",
                [.null, .text(""), .null, .bytes([]), .null, .bool(false)]
            ).first
        }
        #expect(row?.values == [.null, .text(""), .null, .bytes([]), .null, .bool(false)])
        await pool.close()
    }

    @Test(
        "text is preserved",
        arguments: [
            "Zürich – ¿qué?", "👩‍👩‍👧‍👦 \u{1F1E8}\u{1F1ED}", "e\u{301} and \u{e9}", "line\nquote ' \\ \" $1 %",
            "\u{feff}\u{2028}",
        ])
    func unicode(text: String) async throws {
        let pool = try await makePool()
        let value = try await pool.scalar("SELECT $1::text", [.text(text)])
        guard case .text(let found) = value else {
            Issue.record("not text: \(String(describing: value))")
            return
        }
        // Swift's == treats canonically equivalent strings as equal; the bytes must be the same.
        #expect(Array(found.utf8) == Array(text.utf8))
        await pool.close()
    }

    @Test("text with a zero byte is refused, not truncated, and the connection stays usable")
    func zeroByte() async throws {
        let pool = try await makePool()
        let error = try await storeError { _ = try await pool.scalar("SELECT $1::text", [.text("se\u{0}cret")]) }
        #expect(error.code == .other)
        #expect(error.message.contains("$1"))
        #expect(!error.message.contains("cret"))
        try await pool.ping()
        await pool.close()
    }

    @Test("a megabyte of text and of bytes comes back complete")
    func megabyte() async throws {
        let pool = try await makePool()
        let text = String(repeating: "é", count: 512 * 1024)
        let bytes = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let row = try await pool.read { connection in
            try connection.query("SELECT $1::text AS t, $2::bytea AS b", [.text(text), .bytes(bytes)]).first
        }
        #expect(row?["t"] == .text(text))
        #expect(row?["b"] == .bytes(bytes))
        await pool.close()
    }

    @Test("infinite and undefined numbers keep their meaning")
    func oddNumbers() async throws {
        let pool = try await makePool()
        let row = try await pool.read { connection in
            try connection.query(
                "SELECT $1::float8 AS a, $2::float8 AS b, $3::float8 AS c",
                [.double(.infinity), .double(-.infinity), .double(.nan)]
            ).first
        }
        #expect(row?["a"] == .double(.infinity))
        #expect(row?["b"] == .double(-.infinity))
        #expect(row?.double("c")?.isNaN == true)
        await pool.close()
    }

    @Test("instants are ISO 8601 in UTC for all time zones of the database")
    func instants() async throws {
        let url = try await PrivatePostgres.database()
        let setter = try await makePool(url: url)
        try await setter.write { connection in
            try connection.script(
                """
                DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database());
                EXECUTE format('ALTER DATABASE %I SET DateStyle = ''German''', current_database()); END $$
                """)
        }
        await setter.close()
        let pool = try await makePool(url: url)
        let row = try await pool.read { connection in
            try connection.query(
                """
                SELECT $1::timestamptz AS a, '2026-01-31 23:30:00.5-02'::timestamptz AS b,
                    '2026-01-31 00:00:00.123456Z'::timestamptz AS c, 'infinity'::timestamptz AS d
                """, [.text("2026-01-31T09:30:00.125Z")]
            ).first
        }
        #expect(row?.text("a") == "2026-01-31T09:30:00.125Z")
        #expect(row?.text("b") == "2026-02-01T01:30:00.500Z")
        #expect(row?.text("c") == "2026-01-31T00:00:00.123456Z")
        #expect(row?.text("d") == "infinity")
        await pool.close()
    }

    @Test("arrays, JSON, UUIDs and addresses come as the server's text")
    func otherTypes() async throws {
        let pool = try await makePool()
        let row = try await pool.read { connection in
            try connection.query(
                """
                SELECT $1::jsonb AS j, ARRAY['a', 'b c']::text[] AS l, '10.0.0.1'::inet AS i,
                    '6F9619FF-8B86-D011-B42D-00C04FC964FF'::uuid AS u, 12::oid AS o, 1.5::float4 AS f
                """, [.text(#"{"b":1,"a":[true]}"#)]
            ).first
        }
        #expect(row?["j"] == .text(#"{"a": [true], "b": 1}"#))
        #expect(row?["l"] == .text(#"{a,"b c"}"#))
        #expect(row?["i"] == .text("10.0.0.1"))
        #expect(row?["u"] == .text("6f9619ff-8b86-d011-b42d-00c04fc964ff"))
        #expect(row?["o"] == .int(12))
        #expect(row?["f"] == .double(1.5))
        await pool.close()
    }

    @Test("an invalid value fails without being repeated in the error")
    func unfitValue() async throws {
        let pool = try await makePool()
        let error = try await storeError { _ = try await pool.scalar("SELECT $1::integer", [.text("hunter2")]) }
        #expect(error.sqlState == "22P02")
        #expect(!error.message.contains("hunter2"))
        await pool.close()
    }

    @Test("changed rows are counted")
    func changedRows() async throws {
        let pool = try await makePool()
        let counts = try await pool.write { connection in
            try connection.script("CREATE TABLE t (n integer); INSERT INTO t SELECT generate_series(1, 10)")
            return [
                try connection.execute("UPDATE t SET n = n + 1 WHERE n > $1", [.int(4)]),
                try connection.execute("DELETE FROM t WHERE n > $1", [.int(100)]),
                try connection.execute("CREATE TABLE u (n integer)", []),
            ]
        }
        #expect(counts == [6, 0, 0])
        await pool.close()
    }
}
