import Testing

@testable import Bridge

@Suite("Trimming of results")
struct ResultTrimTests {
    @Test("a result within the limit is unchanged")
    func fits() {
        let result = ToolResult(content: [.text("abc"), .image(data: "aGk=", mimeType: "image/png")])
        #expect(ResultTrim.trim(result, to: 3) == result)
    }

    @Test("all blocks share the limit, and omitted parts are counted")
    func shared() {
        let result = ToolResult(content: [.text("0123456789"), .text("abcdefghij"), .text("x"), .text("y")])
        let texts = ResultTrim.trim(result, to: 15).content.map(words)
        #expect(texts.count == 3)
        #expect(texts[0] == "0123456789")
        #expect(texts[1].hasPrefix("abcde\n[cut: 5 of 10 characters shown;"))
        #expect(texts[2].hasPrefix("[cut: parts of the result left out: 2;"))
    }

    @Test("links count by their text, and images by their number")
    func linksAndImages() {
        let link = ToolContent.resourceLink(uri: "file:///a", name: "a", description: nil)
        let links = ResultTrim.trim(ToolResult(content: Array(repeating: link, count: 100)), to: 25)
        #expect(links.content.count == 4)
        #expect(words(links.content[3]).contains("left out: 97;"))
        let image = ToolContent.image(data: "aGk=", mimeType: "image/png")
        let images = ResultTrim.trim(ToolResult(content: Array(repeating: image, count: 25)), to: 25)
        #expect(images.content.count == 21)
        #expect(words(images.content[20]).contains("left out: 5;"))
    }

    @Test("embedded resources and unknown blocks count as text")
    func otherText() {
        let long = String(repeating: "x", count: 1000)
        let resource = ResultTrim.trim(ToolResult(content: [.resource(uri: "file:///a", text: long)]), to: 10)
        #expect(words(resource.content[0]).hasPrefix("xxxxxxxxxx\n[cut: 10 of 1000"))
        let unknown = ResultTrim.trim(ToolResult(content: [.unknown(["type": .string(long)])]), to: 10)
        #expect(words(unknown.content[0]).hasPrefix(#"{"type":"x"# + "\n[cut: 10 of "))
        let small: ToolContent = .unknown(["type": "hologram"])
        #expect(ResultTrim.trim(ToolResult(content: [small]), to: 100).content == [small])
    }

    @Test("structured content is used when the text is blank, and is cut like text")
    func structured() {
        let rows: JSONValue = ["rows": .array(Array(repeating: 7, count: 100))]
        let blank = ToolResult(content: [.text(" \n")], structured: rows)
        #expect(ResultTrim.trim(blank, to: 1000).content == [.text(rows.text())])
        let cut = ResultTrim.trim(blank, to: 20)
        #expect(words(cut.content[0]).contains("[cut: 20 of 210 characters"))
        #expect(cut.structured == nil)
        let beside = ResultTrim.trim(ToolResult(content: [.text("seven")], structured: rows), to: 20)
        #expect(beside.content.count == 2 && beside.structured == nil)
        #expect(words(beside.content[1]).contains("[cut: 15 of 210 characters"))
        let both = ToolResult(content: [.text("seven")], structured: ["rows": 7])
        #expect(ResultTrim.trim(both, to: 100) == both)
        let same = ToolResult(content: [.text(rows.text())], structured: rows)
        #expect(ResultTrim.trim(same, to: 1000) == same)
        let cutSame = ResultTrim.trim(same, to: 200)
        #expect(cutSame.content.count == 1 && cutSame.structured == nil)
    }

    @Test("a character of a million combining marks is cut, and cuts prefer line ends")
    func marksAndLines() {
        let marked = "a" + String(repeating: "\u{301}", count: 1000)
        #expect(words(ResultTrim.trim(.text(marked), to: 10).content[0]).unicodeScalars.count < 200)
        let lines = String(repeating: "1234567\r\n", count: 20)
        #expect(
            words(ResultTrim.trim(.text(lines), to: 20).content[0]).hasPrefix("1234567\r\n1234567\r\n[cut: 17 of 180"))
    }

    @Test("an image too large for providers is replaced by a description")
    func hugeImage() {
        let huge = ToolContent.image(data: String(repeating: "A", count: 5_000_004), mimeType: "image/png")
        #expect(words(ResultTrim.trim(ToolResult(content: [huge]), to: 10).content[0]).contains("too large"))
    }

    @Test("content for the user has limits of its own; an image beyond them loses its data only")
    func forUser() {
        let image = ToolContent.image(data: "aGk=", mimeType: "image/png")
        let bare = ToolContent.unknown(["type": "image", "mimeType": "image/png"])
        let many = ResultTrim.trim(
            ToolResult(content: [.text("abc")], userContent: Array(repeating: image, count: 7) + [.text("0123")]),
            to: 3)
        #expect(many.content == [.text("abc")])
        #expect(Array(many.userContent.prefix(7)) == Array(repeating: image, count: 5) + [bare, bare])
        #expect(many.userContent.last.map(words)?.hasPrefix("012\n[cut: 3 of 4") == true)
        let huge = ToolContent.image(data: String(repeating: "A", count: 7_000_000), mimeType: "image/png")
        #expect(ResultTrim.trim(ToolResult(content: [], userContent: [huge]), to: 3).userContent == [bare])
    }

    @Test("an image that is too large for a model only is left to the user")
    func largeImage() {
        let large = ToolContent.image(data: String(repeating: "A", count: 5_000_004), mimeType: "image/png")
        let result = ResultTrim.trim(ToolResult(content: [large]), to: 1_000)
        #expect(words(result.content[0]).contains("too large"))
        #expect(result.userContent == [large])
    }

    private func words(_ content: ToolContent) -> String {
        switch content {
        case .text(let text), .resource(_, let text?): text
        default: ""
        }
    }
}
