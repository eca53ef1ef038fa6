import Testing

@testable import Bridge

@Suite("The lines of an MCP server over stdio")
struct LineSplitterTests {
    @Test("lines end at 0x0A only, for all cuts of the bytes")
    func lines() throws {
        let text = "{\"a\":\"\u{2028}\u{85}\"}\r\nsecond\n\nrest"
        for size in [1, 2, 7, 100] {
            var splitter = LineSplitter(limit: 100)
            var lines: [String] = []
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                lines += try splitter.append(Array(bytes.prefix(size))).map { String(decoding: $0, as: UTF8.self) }
                bytes = bytes.dropFirst(size)
            }
            #expect(lines == ["{\"a\":\"\u{2028}\u{85}\"}", "second", ""])
        }
    }

    @Test("a line beyond the limit is refused, also before its end")
    func longLine() {
        var splitter = LineSplitter(limit: 4)
        #expect(throws: LineSplitter.TooLong.self) { try splitter.append([1, 2, 3, 4, 5]) }
    }
}
