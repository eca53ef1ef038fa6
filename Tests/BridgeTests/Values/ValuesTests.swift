import Foundation
import Testing

@testable import Bridge

@Suite("Value types")
struct ValuesTests {
    @Test(
        "a glob matches as in a shell",
        arguments: [
            ("*", "anything", true), ("get_*", "get_health", true), ("get_*", "forget_it", false),
            ("drop_?", "drop_x", true), ("drop_?", "drop_", false), ("*_history", "a_history", true),
            ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("Get", "get", false), ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1c2b", false), ("**", "", true),
        ])
    func globs(pattern: String, name: String, fits: Bool) throws {
        #expect(try Glob(pattern).matches(name) == fits)
    }

    @Test("a glob with two underscores is matched against the server too")
    func qualifiedGlob() throws {
        let name = ToolName(server: "shop", tool: "drop_index")
        #expect(try Glob("shop__drop_*").matches(name))
        #expect(try !Glob("other__drop_*").matches(name))
        #expect(try Glob("drop_*").matches(name))
    }

    @Test("an invalid glob is refused", arguments: ["", "[", "a[b", "[]", "[!]", "[z-a]"])
    func badGlobs(pattern: String) {
        #expect(throws: Glob.BadGlob.self) { try Glob(pattern) }
    }

    @Test("a glob of many stars is fast on a text that almost matches")
    func slowGlob() throws {
        let glob = try Glob(String(repeating: "a*", count: 50) + "b")
        #expect(!glob.matches(String(repeating: "a", count: 5_000)))
    }

    @Test("money is exact and rounds half away from zero")
    func money() {
        #expect(Money(nano: 2_103_120).dollars(decimals: 4) == "0.0021")
        #expect(Money(nano: 50_000).dollars(decimals: 4) == "0.0001")
        #expect(Money(nano: -50_000).dollars(decimals: 4) == "-0.0001")
        #expect(Money(nano: 1_234_567_891).dollars(decimals: 9) == "1.234567891")
        #expect(Money(nano: 999_999_999).dollars(decimals: 0) == "1")
        #expect(Money.zero.description == "$0.0000")
    }

    @Test("identifiers sort by time, can be parsed, and their end is the error id")
    func identifiers() throws {
        let micro = (0..<2_000).map { ULID(microseconds: 1_795_411_467_000_000 + $0) }
        #expect(micro == micro.sorted() && Set(micro).count == 2_000)
        #expect(micro.allSatisfy { ULID($0.text) == $0 })
        let early = ULID(at: Date(timeIntervalSince1970: 1_000))
        let late = ULID(at: Date(timeIntervalSince1970: 1_001))
        #expect(early < late)
        #expect(ULID(late.text) == late)
        #expect(ULID("not one") == nil)
        #expect(late.errorID == "E-" + late.text.suffix(8))
    }

    @Test("a secret is printed as a placeholder in all ways of printing")
    func secrets() {
        let secret = Secret("xoxb-very-secret")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] {
            #expect(!text.contains("very"))
        }
    }

    @Test("the wire names of tools are valid, unique and deterministic")
    func wireNames() throws {
        let long = String(repeating: "x", count: 80)
        let names = [
            ToolName(server: "a.b", tool: "c d"), ToolName(server: "a_b", tool: "c_d"),
            ToolName(server: "s", tool: long + "1"), ToolName(server: "s", tool: long + "2"),
        ]
        let wires = WireNames(names)
        let all = names.compactMap { wires.wireName(of: $0) }
        #expect(Set(all).count == names.count)
        #expect(all.allSatisfy { $0.wholeMatch(of: /[a-zA-Z0-9_-]{1,64}/) != nil })
        #expect(names.allSatisfy { name in wires.wireName(of: name).flatMap { wires.tool(named: $0) } == name })
        #expect(names.map { WireNames(names.reversed()).wireName(of: $0) } == names.map { wires.wireName(of: $0) })
    }
}
