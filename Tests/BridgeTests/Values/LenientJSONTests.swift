import Testing

@testable import Bridge

@Suite("JSON of other programs")
struct LenientJSONTests {
    @Test(
        "is read as it is meant",
        arguments: [
            ("\u{FEFF}{\"a\":1}", ["a": 1]), ("\u{FEFF}\u{FEFF} 1 \u{FEFF}", 1), ("\u{1E}[1]\n\0", [1]),
            ("[NaN,nan,-NaN,Infinity,-Infinity,inf,-inf]", [.null, .null, .null, .null, .null, .null, .null]),
            ("[1e999,-1e999]", [.null, .null]), ("[+1,007,.5,-.5,1.,1.e2]", [1, 7, 0.5, .double(-0.5), 1.0, 100.0]),
            ("[1,]", [1]), ("{\"a\":[],}", ["a": []]), ("\"a\tb\nc\"", "a\tb\nc"),
            (#""C:\dir \'x\' \u12""#, #"C:\dir 'x' \u12"#), (#""\ud83d\uZZ""#, #"\ud83d\uZZ"#),
            (#""\ud83d""#, "\u{FFFD}"), ("18446744073709551615", 18_446_744_073_709_551_615.0),
        ] as [(String, JSONValue)])
    func read(text: String, value: JSONValue) throws {
        #expect(try JSONValue(lenient: text) == value)
    }

    @Test("is refused where JSON is our own", arguments: ["\u{FEFF}{}", "NaN", "[1,]", "+1", "1e999", #""\'""#])
    func strict(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test("bytes that are no UTF-8 are U+FFFD, in keys too; a byte order mark of UTF-16 is obeyed")
    func bytes() throws {
        let latin1 = Array(#"{"caf"#.utf8) + [0xE9] + Array(#"":"a"#.utf8) + [0xE9, 0x20, 0xC3] + Array(#""}"#.utf8)
        #expect(try JSONValue(lenient: latin1) == ["caf\u{FFFD}": "a\u{FFFD} \u{FFFD}"])
        let units = Array(#"{"é":"😀"}"#.utf16)
        let little: [UInt8] =
            [0xFF, 0xFE] + units.flatMap { unit -> [UInt8] in [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        let big: [UInt8] = [0xFE, 0xFF] + units.flatMap { unit -> [UInt8] in [UInt8(unit >> 8), UInt8(unit & 0xFF)] }
        for text in [little, big, little + [0]] { #expect(try JSONValue(lenient: text) == ["é": "😀"]) }
    }

    @Test(
        "what cannot be read is refused with the reason and the place",
        arguments: [
            "", "{", "[1 2]", "{a:1}", "'a'", "tru", "+", ".", "-", "1e", "{} {}", "[,]", "{,}", "NaNa", "infinite",
            "\"a", "\"\\", "[1,,2]", String(repeating: "[", count: 1_000), "\u{FEFF}",
        ])
    func refused(text: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue(lenient: text) }
        #expect(error?.reason.isEmpty == false)
    }

    @Test("a text with several values is read up to its first error")
    func several() {
        let (values, error) = JSONValue.sequence(lenient: Array(#"{"a":1}{"b":2} 3 {"#.utf8))
        #expect(values == [["a": 1], ["b": 2], 3])
        #expect(error?.offset == 18)
        #expect(JSONValue.sequence(lenient: []).values.isEmpty)
    }
}
