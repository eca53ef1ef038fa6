import Foundation
import Testing

@testable import Bridge

@Suite("The images of an answer")
struct AnswerFilesTests {
    private static let tool = ToolName(server: "shop", tool: "draw")
    private static let heads: [ImageFormat: [UInt8]] = [
        .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0], .jpeg: [0xFF, 0xD8, 0xFF, 0xE0],
        .gif: Array("GIF89a".utf8), .webp: Array("RIFF1234WEBP".utf8),
    ]

    private static func image(_ bytes: [UInt8], mimeType: String = "image/png") -> ToolContent {
        .image(data: Data(bytes).base64EncodedString(), mimeType: mimeType)
    }

    private static func png(_ number: UInt8) -> ToolContent { image((heads[.png] ?? []) + [number]) }

    private static func files(_ results: ToolResult...) -> AnswerFiles {
        var files = AnswerFiles()
        for result in results { files.add(result, of: tool) }
        return files
    }

    @Test("the first bytes tell the format, whatever the MIME type says", arguments: ImageFormat.allCases)
    func formats(_ format: ImageFormat) throws {
        let head = try #require(Self.heads[format])
        #expect(ImageFormat(head) == format)
        #expect(ImageFormat(head.dropLast(8)) == nil || head.count < 9)
        let files = Self.files(ToolResult(content: [Self.image(head, mimeType: "image/tiff")]))
        #expect(files.files.map(\.format) == [format])
        #expect(ImageFormat(Array("<svg></svg>".utf8)) == nil && ImageFormat([UInt8]()) == nil)
    }

    @Test("images of the content and for the user are taken, with the text after the latter as alternative text")
    func altText() {
        let result = ToolResult(
            content: [Self.png(1), .text("not its text")],
            userContent: [.text("before"), Self.png(2), .text("two bars"), Self.png(3), Self.png(4), .text(" ")])
        #expect(Self.files(result).files.map(\.altText) == [nil, "two bars", nil, nil])
        #expect(Self.files(result).leftOut == 0)
    }

    @Test("an image counts once; those that are too many, too large or no images are counted as left out")
    func limits() {
        let six = ToolResult(content: (1...6).map { Self.png($0) })
        let files = Self.files(six, six)
        #expect(files.files.count == 5 && files.leftOut == 2)
        let large = Self.image((Self.heads[.png] ?? []) + Array(repeating: 0, count: AnswerFiles.largest))
        let others = ToolResult(
            content: [large, Self.image(Array("%PDF-1.7".utf8)), .image(data: "?", mimeType: "image/png")],
            userContent: [.unknown(["type": "image", "mimeType": "image/png"]), .unknown(["type": "hologram"])])
        #expect(Self.files(others).files.isEmpty)
        #expect(Self.files(others).leftOut == 4)
    }

    @Test("line breaks in the base64 are removed")
    func lineBreaks() {
        let bytes = (Self.heads[.png] ?? []) + Array(repeating: 7, count: 200)
        let broken = Data(bytes).base64EncodedString(options: .lineLength76Characters)
        let files = Self.files(ToolResult(content: [.image(data: broken, mimeType: "image/png")]))
        #expect(files.files.map(\.data) == [Data(bytes).base64EncodedString()])
    }
}
