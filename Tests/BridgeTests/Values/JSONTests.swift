import TestKit
import Testing

@testable import Bridge

@Suite("JSON values")
struct JSONTests {
    @Test("parsed text is written byte for byte, keys in their order")
    func roundTrip() throws {
        let text = #"{"b":1,"a":[true,false,null,-2,0.5,"x"],"ü":{"z":"\"\\\n","emoji":"😀"}}"#
        #expect(try JSONValue(parsing: text).text() == text)
    }

    @Test("with sorted keys equal values have equal texts")
    func sorted() throws {
        let left = try JSONValue(parsing: #"{"b":1,"a":{"d":1,"c":2}}"#)
        let right = try JSONValue(parsing: #"{"a":{"c":2,"d":1},"b":1}"#)
        #expect(left.text(sortedKeys: true) == right.text(sortedKeys: true))
    }

    @Test("integers stay exact, however large; fractions and overflows become doubles")
    func numbers() throws {
        #expect(try JSONValue(parsing: "9223372036854775807") == .int(.max))
        #expect(try JSONValue(parsing: "9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(try JSONValue(parsing: "1e2") == .double(100))
        #expect(try JSONValue(parsing: "3.0").int == 3)
    }

    @Test("escapes and surrogate pairs are decoded; half a pair becomes U+FFFD")
    func escapes() throws {
        #expect(try JSONValue(parsing: #""\ud83d\ude00\u00e9\/\t""#) == "😀é/\t")
        #expect(try JSONValue(parsing: #""a\ud83dz""#) == "a\u{FFFD}z")
        #expect(try JSONValue(parsing: #""\ude00b""#) == "\u{FFFD}b")
        #expect(try JSONValue(parsing: #""\ud83d\u0041""#) == "\u{FFFD}A")
    }

    @Test(
        "invalid JSON is refused",
        arguments: [
            "", " ", "{", "[1,", "[1 2]", "{\"a\" 1}", "{a:1}", "01", "1.", "-", "+1", ".5", "1e", "tru", "nul", "\"",
            "\"\\x\"", "\"\\u12\"", "\"a\nb\"", "{} {}", "[1],", "'a'", "{\"a\":1,}", "[1,]", "NaN", "1e999",
            String(repeating: "[", count: 1_000),
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test("random bytes are refused or parsed; parsed values survive a round trip")
    func randomBytes() throws {
        var random = SplitMix64(seed: 7)
        let alphabet = Array("{}[]\",:\\ntrufalse0123456789.eE+-u\u{7f} ".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            #expect(try JSONValue(parsing: value.bytes()) == value, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }
}
