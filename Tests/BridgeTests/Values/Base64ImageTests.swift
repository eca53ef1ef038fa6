import Foundation
import Testing

@testable import Bridge

/// Small files of each format, complete enough for their extent.
enum SampleImage {
    static func png(_ width: Int = 2, _ height: Int = 3) -> [UInt8] {
        var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
        bytes += Array("IHDR".utf8)
        for side in [width, height] { bytes += [0, 0, UInt8(side >> 8), UInt8(side & 0xFF)] }
        bytes += [8, 6, 0, 0, 0]
        return bytes
    }

    static let jpeg: [UInt8] = [
        0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC0, 0, 11, 8, 0, 3, 0, 2, 1, 1, 0x11, 0, 0xFF, 0xD9,
    ]

    static let gif: [UInt8] = {
        var bytes = Array("GIF89a".utf8)
        bytes += [2, 0, 3, 0, 0, 0, 0, 0x2C, 0, 0, 0, 0, 0x3B]
        return bytes
    }()

    static let webp: [UInt8] = {
        var bytes = Array("RIFF0000WEBPVP8X".utf8)
        bytes += [10, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0]
        return bytes
    }()

    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}

@Suite("Images as tools send them")
struct Base64ImageTests {
    @Test("a tool sends a data: prefix, line breaks, the alphabet of URLs, or no padding")
    func forms() throws {
        let bytes = SampleImage.jpeg + [0xFB, 0xEF, 0xFF, 0xFE]
        let plain = SampleImage.base64(bytes)
        let forms = [
            plain, "data:image/png;base64,\(plain)", " DATA:;base64,\(plain)\n",
            Data(bytes).base64EncodedString(options: .lineLength64Characters),
            plain.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""),
        ]
        for form in forms {
            let image = try #require(Base64Image(form), "\(form)")
            #expect(image.format == .jpeg && image.base64 == plain)
        }
    }

    @Test("a tool sends no data, words, a page, an address, SVG or half a base64: that is no image")
    func others() {
        let page = SampleImage.base64(Array("<html></html>".utf8))
        for text in [
            "", " \n", "=", "hello", "not an image!", page, "https://acme.example/a.png", "data:image/png,abc",
            "data:image/svg+xml;base64,\(SampleImage.base64(Array("<svg/>".utf8)))",
            SampleImage.base64(SampleImage.png()) + "é", "iVBORw0KGgo=iVBORw0KGgo=",
        ] {
            #expect(Base64Image(text) == nil, "\(text)")
        }
    }

    @Test("the head tells the extent in pixels")
    func pixels() throws {
        for bytes in [SampleImage.png(), SampleImage.jpeg, SampleImage.gif, SampleImage.webp] {
            let image = try #require(Base64Image(SampleImage.base64(bytes)))
            #expect(image.pixels == ImagePixels(width: 2, height: 3), "\(image.format)")
            // A head that breaks off has no extent, and is no crash.
            for count in 12..<bytes.count { _ = Base64Image(SampleImage.base64(Array(bytes.prefix(count)))) }
        }
    }
}

@Suite("Structured content beside text")
struct StructuredContentTests {
    private func untold(_ texts: [String], _ structured: JSONValue?) -> JSONValue? {
        ToolResult(content: texts.map { .text($0) }, structured: structured).untoldStructured
    }

    @Test("a server has one line of text and the data in structuredContent: the data is untold")
    func beside() {
        let data: JSONValue = ["issues": [["id": 7, "title": "Slow"], ["id": 8, "title": "Down"]]]
        #expect(untold(["Found 2 issues."], data) == data)
        #expect(untold(["Found 2 issues.\nSee the data."], data) == data)
        #expect(untold([], data) == data)
        #expect(untold([" \n"], data) == data)
        #expect(untold(["7"], ["c": 7, "unit": "C"]) != nil)
    }

    @Test("an earlier result of a thread has both, one after the other")
    func fullText() {
        func full(_ content: [ToolContent], _ data: JSONValue?) -> String {
            ToolResult(content: content, structured: data).fullText
        }
        #expect(full([.text("2 rows")], ["rows": [1, 2]]) == "2 rows\n{\"rows\":[1,2]}")
        #expect(full([.text("[1,2]")], ["result": [1, 2]]) == "[1,2]")
        #expect(full([], ["a": 1]) == #"{"a":1}"#)
        #expect(full([.text("x")], nil) == "x")
    }

    @Test("a server has the same data in both: it is told once")
    func equal() {
        let data: JSONValue = ["b": [1, 2.0], "a": "x"]
        for text in [data.text(), #"{"a": "x", "b": [1.0, 2]}"#, "{\n  \"b\": [1, 2],\n  \"a\": \"x\"\n}\n"] {
            #expect(untold([text], data) == nil, "\(text)")
        }
        #expect(untold(["7"], ["result": 7]) == nil)
        #expect(untold(["seven\n"], ["result": "seven"]) == nil)
        #expect(untold(["1", "2"], ["result": [1, 2]]) == nil)
        #expect(
            untold(["| id | title |\n| --- | --- |\n| 1,700 | Slow |"], ["rows": [["id": 1700, "title": "Slow"]]])
                == nil)
        #expect(untold(["nothing"], .null) == nil && untold(["nothing"], [:]) == nil && untold(["x"], nil) == nil)
    }
}
