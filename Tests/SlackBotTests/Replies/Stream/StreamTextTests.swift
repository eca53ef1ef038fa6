import TestKit
import Testing

@testable import SlackBot

@Suite("The text of a stream")
struct StreamTextTests {
    private static let start = String(repeating: "word ", count: 50) + "\n\n"

    /// What can be sent of a text, after more than is held back.
    private func sendable(_ markdown: String, isEnd: Bool = false) -> String {
        var text = StreamText()
        text.append(Self.start + markdown)
        guard let piece = text.piece(upTo: 8_000, isEnd: isEnd) else { return "" }
        return String(piece.markdown.dropFirst(Self.start.count))
    }

    @Test(
        "a piece ends after a line or between words outside inline marks",
        arguments: [
            ("one two thr", "one two "), ("one **two three", "one "), ("one `two three` four", "one `two three` "),
            ("see [the docs](https://exam", "see "), ("a line\nand mo", "a line\nand "), ("# Title of", ""),
            ("```\nlet a\nlet b", "```\nlet a\n"), ("mail @her", "mail "),
        ])
    func cuts(markdown: String, expected: String) {
        #expect(sendable(markdown) == expected, "\(sendable(markdown))")
        #expect(sendable(markdown, isEnd: true) == markdown)
    }

    @Test("a table is sent whole, drawn as code")
    func table() {
        let head = "Before\n| a | b |\n|---|---|\n"
        #expect(sendable(head + "| 1 | 2 |\n") == "Before\n")
        let drawn = "Before\n" + MarkdownTable.draw([["a", "b"], ["1", "2"]]).joined(separator: "\n") + "\n\nAfter "
        #expect(sendable(head + "| 1 | 2 |\n\nAfter it") == drawn)
    }

    @Test("mentions are broken in text; code is unchanged")
    func mentions() {
        #expect(sendable("@here now") == "@\(MarkdownMentions.breaker)here ")
        #expect(sendable("```\n<!DOCTYPE @here>\n") == "```\n<!DOCTYPE @here>\n")
        // A list's code block may end without a fence.
        #expect(sendable("- ```\n  a\n  ```\n```\n@here\n").contains("@\(MarkdownMentions.breaker)here"))
    }

    @Test("a link whose text shows another host says where it leads, while it is streamed too; code is unchanged")
    func links() {
        let link = "[bank.example](https://evil.example/x)"
        #expect(sendable("pay at \(link) now") == "pay at [bank.example (evil.example)](https://evil.example/x) ")
        #expect(sendable("[the docs](https://acme.example) say") == "[the docs](https://acme.example) ")
        #expect(sendable("```\n\(link)\n") == "```\n\(link)\n")
    }

    @Test(
        "a link that is broken over two lines is sent whole, with where it leads",
        arguments: [
            "[bank.example\npay](https://evil.example) now.\n", "[pay at bank.example](\nhttps://evil.example) now.\n",
            "a) [bank.example\n`]` \\] pay](https://evil.example) now.\n",
            "> [bank.example\n> pay](https://evil.example) now.\n",
        ])
    func brokenLink(markdown: String) {
        let first = String(markdown.prefix { $0 != "\n" })
        #expect(sendable("Before\n\(first)\n") == "Before\n")
        #expect(sendable("Before\n" + markdown).contains("(evil.example)"))
        #expect(sendable("Before\n" + markdown).hasSuffix(" now.\n"))
    }

    @Test(
        "a bracket that stays open holds back its paragraph only",
        arguments: [
            ("[open\nmore\n", ""), ("[open\nmore\n\nNext\n", "[open\nmore\n\nNext\n"),
            ("- (open\n- next\n", "- (open\n- next\n"),
            ("[open\n```\nlet a\n", "[open\n```\nlet a\n"),
            ("in `a[0` and\n", "in `a[0` and\n"), (":) \\[ no\n", ":) \\[ no\n"),
        ])
    func openBracket(markdown: String, expected: String) {
        #expect(sendable(markdown) == expected, "\(sendable(markdown))")
        #expect(sendable(markdown, isEnd: true) == markdown)
    }

    @Test("a bracket that stays open in a paragraph longer than a message holds back no further message")
    func openBracketInLongParagraph() throws {
        let items = (2...60).map { "\($0). a step of the list\n" }.joined()
        var text = StreamText()
        text.append("1. [0, 1)\n")
        text.append(items)
        #expect(text.piece(upTo: 500, isEnd: false) == nil, "the next message may have room for the paragraph")
        #expect(text.piece(upTo: 8_000, isEnd: false, fillsMessage: true) == nil, "the paragraph may go on")
        let first = try #require(text.piece(upTo: 500, isEnd: false, fillsMessage: true))
        #expect(first.raw.hasSuffix(" of the list\n") && (450...500).contains(first.raw.utf16.count))
        text.take(first)
        let next = try #require(text.piece(upTo: 500, isEnd: false))
        #expect((450...500).contains(next.raw.utf16.count))
        // A last line that is not whole, and mentions, which are longer when they are shown.
        var unfinished = StreamText()
        unfinished.append("[0, 1)\n\(String(repeating: "@here ", count: 30))\n\(Self.start.dropLast(2))")
        let mentions = try #require(unfinished.piece(upTo: 200, isEnd: false, fillsMessage: true))
        #expect(mentions.raw == "[0, 1)\n")
    }

    @Test("a fence is closed and opened again with its margin and its info string")
    func fences() {
        var fence = StreamFence()
        fence.read("- item")
        #expect(fence.closing(isInLine: false).isEmpty && fence.reopening.isEmpty)
        fence.read("  ~~~ python")
        #expect(fence.closing(isInLine: true) == "\n  ~~~" && fence.reopening == "  ~~~ python\n")
        fence.read("  ~~~")
        #expect(fence.reopening.isEmpty)
        var plain = StreamFence()
        plain.read("````")
        plain.read("```")
        plain.read("- ````")
        #expect(plain.isCertainlyCode)
        plain.read("  ````  ")
        #expect(plain.block == nil)
        plain.read("```code``` in a line")
        #expect(plain.block == nil)
    }

    @Test("pieces in their order are the text, also when one was not shown and is taken back")
    func restored() throws {
        let words = String(repeating: "pear ", count: 100)
        var text = StreamText()
        text.append(words)
        text.take(try #require(text.piece(upTo: 300, isEnd: false)))
        let before = text
        text.take(try #require(text.piece(upTo: 100, isEnd: false)))
        text.append("more")
        let restored = text.restored(to: before)
        #expect(restored.sent + restored.pending == words + "more")
        #expect(restored.sent == before.sent)
    }
}
