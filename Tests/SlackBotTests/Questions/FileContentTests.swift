import Bridge
import Foundation
import TestKit
import Testing

@testable import SlackBot

@Suite("What is read of an attached file")
struct FileContentTests {
    private func content(_ bytes: [UInt8], _ name: String = "a.csv", isWhole: Bool = true) -> FileContent {
        FileContent(SlackAPI.Download(bytes: bytes, isWhole: isWhole), name: name)
    }

    private func text(_ bytes: [UInt8], isWhole: Bool = true) -> String? {
        if case .text(let text) = content(bytes, isWhole: isWhole).content { text } else { nil }
    }

    private static func utf16(_ text: String, isBigEndian: Bool) -> [UInt8] {
        ("\u{FEFF}" + text).utf16.flatMap { unit in
            let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
            return isBigEndian ? [high, low] : [low, high]
        }
    }

    private static let table = "Straße;Größe €\r\nAllee;Ω 🚀\r\n"

    @Test("a table is saved as UTF-8 with or without a mark, or as UTF-16 by a spreadsheet: its text is the same")
    func unicode() {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        #expect(text(Array(Self.table.utf8)) == Self.table)
        #expect(text(mark + Array(Self.table.utf8)) == Self.table)
        for isBigEndian in [true, false] {
            #expect(text(Self.utf16(Self.table, isBigEndian: isBigEndian)) == Self.table)
        }
    }

    @Test("a table is saved in a character set of one byte: Windows-1252, and Latin-1 for bytes that it does not have")
    func singleByte() {
        #expect(text([0x53, 0x74, 0x72, 0x61, 0xDF, 0x65, 0x3B, 0x80, 0x0A]) == "Straße;€\n")
        #expect(text(Array("Gr".utf8) + [0xF6, 0xDF, 0x65]) == "Größe")
    }

    @Test("a log with colours and tabs is text; bytes with NUL or many control characters are none")
    func controls() {
        #expect(text(Array("\u{1B}[31merror\u{1B}[0m\tat 10:00\u{8}\n".utf8)) != nil)
        #expect(text(Array("abc\0def".utf8)) == nil)
        var random = SplitMix64(seed: 7)
        let noise = (0..<4_000).map { _ in UInt8(truncatingIfNeeded: random.next() | 1) }
        #expect(text(noise) == nil)
        #expect(content(noise).shortfall == UserMessages.fileOfOtherKind)
        #expect(content([]).shortfall == UserMessages.fileEmpty)
    }

    @Test("a long file is cut anywhere: its last, incomplete line and character are left out, and that is said")
    func cut() {
        let lines = String(repeating: "één\n", count: 20)
        let bytes = Array((lines + "drié").utf8)
        for length in lines.utf8.count...bytes.count {
            #expect(text(Array(bytes.prefix(length)), isWhole: false) == lines, "\(length)")
        }
        #expect(content(bytes, isWhole: false).shortfall == UserMessages.fileCut(bytes.count))
        #expect(content(bytes).shortfall == nil)
        let line = Array("{\"name\": \"Zoë\"}".utf8)
        #expect(text(Array(line.prefix(13)), isWhole: false) == "{\"name\": \"Zo")
    }

    @Test("a long file has hardly any lines: of the one in which it is cut the beginning is kept, by whole characters")
    func cutInALongLine() {
        let line = "{\n" + String(repeating: "x", count: 5_000)
        #expect(text(Array(line.utf8), isWhole: false) == line)
        #expect(text(Array("\(line)é".utf8.dropLast()), isWhole: false) == line)
        #expect(text(Array(Self.utf16("\(line)🚀", isBigEndian: true).dropLast(2)), isWhole: false) == line)
    }

    @Test("a log in UTF-8 has a damaged byte: the other characters stay right")
    func damaged() {
        let line = "Größe über Maß: 5 €\n"
        let lines = Array(String(repeating: line, count: 5).utf8)
        let found = text(lines + [0x61, 0xE2, 0x62, 0x0A] + lines)
        let whole = String(repeating: line, count: 5)
        #expect(found == "\(whole)a\u{FFFD}b\n\(whole)")
        // In a character set of one byte the same words have no valid sequence, and two letters may look like one.
        let latin: [UInt8] = Array("Gr".utf8) + [0xF6, 0xDF, 0x65, 0x20, 0xFC] + Array("ber Ma".utf8) + [0xDF, 0x0A]
        let chance = latin + [0xC3, 0xA9, 0x0A]
        #expect(text(latin + latin) == "Größe über Maß\nGröße über Maß\n")
        #expect(text(chance) == "Größe über Maß\nÃ©\n")
    }

    @Test(
        "an archive, a document or a PDF, under whatever name, is refused with a word of what it is",
        arguments: [
            ("a.zip", Array("PK\u{3}\u{4}".utf8), UserMessages.fileArchive),
            ("a.csv", Array("PK\u{3}\u{4}".utf8), UserMessages.fileArchive),
            ("A.XLSX", Array("PK\u{3}\u{4}".utf8), UserMessages.fileOfOffice),
            ("a.doc", [0xD0, 0xCF, 0x11, 0xE0, 0xA1], UserMessages.fileOfOffice),
            ("a.log", [0x1F, 0x8B, 8], UserMessages.fileArchive), ("a", Array("%PDF-1.7".utf8), UserMessages.filePDF),
        ])
    func refused(name: String, bytes: [UInt8], words: String) {
        let found = content(bytes + Array("rest".utf8), name)
        #expect(found.content == nil && found.shortfall == words)
    }

    @Test("an image is told by its bytes; one that is cut or has too many pixels is refused")
    func images() throws {
        func png(_ width: UInt8) -> [UInt8] {
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
                + [0, 0, width, 0, 0, 0, 0, 1]
        }
        guard case .image(let image) = content(png(1), "a.txt").content else {
            Issue.record("no image")
            return
        }
        #expect(image.format == .png && image.pixels?.width == 256)
        #expect(content(png(1), isWhole: false).shortfall == UserMessages.imageTooLarge)
        #expect(content(png(0x20), "a.png").shortfall == UserMessages.imageTooWide(8_000))
    }

    @Test("what an asker reads names the file, and no name can format or ping")
    func note() {
        let note = AttachmentNote(name: "a`<!channel>.zip", text: UserMessages.fileArchive)
        let line = UserMessages.attachment(note)
        #expect(line.hasPrefix(":paperclip: `a'&lt;!channel&gt;.zip` was not read: it is an archive"))
        var answer = Answer(text: "Done.", usage: Usage())
        answer.attachmentNotes = [note]
        let rendered = AnswerMessages.render(.answered(answer), style: AnswerMessages.Style(footer: nil))
        let context = rendered.messages.last?.blocks.last
        #expect(context?["type"] == "context" && context?["elements"]?[0]?["text"]?.string == line)
    }
}
