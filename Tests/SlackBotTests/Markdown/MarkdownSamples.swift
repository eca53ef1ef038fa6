import TestKit
import Testing

@testable import SlackBot

/// Random Markdown, the same for the same seed.
struct MarkdownSamples {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    private static let starts = [
        "", "", "", "", "- ", "  - ", "    - ", "1. ", "   2) ", "> ", ">> ", "# ", "### ", "    ", "\t", "  ", "* ",
        "- [x] ",
        "      - ", "\\", "> - ",
    ]
    private static let words = [
        "word", "two words", "é😀", "日本語", "@here", "@channel", "<!channel>", "<@U1>", "<#C1>", "`@here`", "`", "``",
        "`a`",
        "*", "**", "_", "~~", "**bold**", "*soft*", "[a](https://b.example/@here)", "[", "](", "](@here)", "![i](x)",
        "<", ">",
        "<b>", "<!--", "-->", "<?", "?>", "|", "| a | b |", "\\", "\\|", "&", "&lt;", "&#64;here", "&commat;channel",
        "\\<!x>",
        "<\\!here>", "https://b.example/@here/x_(y)", "<https://b.example>", "ana@b.example", "x@here", "!", "#", "\"",
        "'", "(",
        ")", "<![CDATA[", "]]>", "<a href=\"", "\">", "<div>", "www.b.example/@here", "1.", "-", "=", ":", "\u{200B}",
        "\u{A0}",
        "@her", "e", "<!X", "@", "here", "mailto:x@b.example", String(repeating: "long ", count: 60),
        String(repeating: "x", count: 300),
    ]
    private static let whole = [
        "```", "```js", "~~~", "~~~~ sh x", "````", "---", "===", "***", "|---|", "|---|:-:|", "| a | b |",
        "| `@here` | @here |",
        "", "", "", "[r]: https://b.example/@here", "[r]: <@U1>", "<div>", "</div>", "<!-- ` -->", "  ```", "> ```",
        "- ```",
        "    ```", "<pre>", "</pre>", "<script>", "</script>", "> | a |", "> |---|",
        "> ``` " + String(repeating: "info ", count: 40),
    ]

    /// Lines of all constructs of Markdown, most of them malformed.
    mutating func markdown(lines: ClosedRange<Int>) -> String {
        var text = ""
        for _ in 0..<Int.random(in: lines, using: &random) {
            if Int.random(in: 0..<3, using: &random) == 0 {
                text += Self.whole.randomElement(using: &random) ?? ""
            } else {
                text += Self.starts.randomElement(using: &random) ?? ""
                for _ in 0..<Int.random(in: 0...6, using: &random) {
                    text += Self.words.randomElement(using: &random) ?? ""
                    if Bool.random(using: &random) { text += " " }
                }
            }
            text += Int.random(in: 0..<40, using: &random) == 0 ? "\r\n" : "\n"
        }
        return text
    }
}

/// What a Markdown parser finds that could notify a user: neither code nor part of a web address.
enum MarkdownPings {
    static func found(in markdown: String) -> [String] {
        guard let document = MarkdownDocument(markdown) else { return pings(in: markdown) }
        var text = ""
        var code = 0
        for event in document.events {
            switch event.kind {
            case .text, .html, .htmlBlock: text += event.text
            case .code, .codeBlock:
                text += "\u{0}"
                code += brackets(event.text)
            default: text += "\u{0}"
            }
        }
        let words = text.split { $0.isWhitespace || $0 == "\u{0}" }.map { word -> Substring in
            let address = ["http://", "https://", "www."].compactMap { word.firstRange(of: $0)?.lowerBound }.min()
            return word[..<(address ?? word.endIndex)]
        }
        var found = pings(in: words.joined(separator: " "))
        // The source text, independent of the parser's result.
        if brackets(markdown) != code { found.append("\(brackets(markdown)) in brackets, \(code) in code") }
        return found
    }

    private static func brackets(_ text: String) -> Int {
        var previous: UInt8 = 0
        var count = 0
        for byte in text.utf8 {
            if previous == UInt8(ascii: "<"), "!@#".utf8.contains(byte) { count += 1 }
            previous = byte
        }
        return count
    }

    private static func pings(in text: String) -> [String] {
        var found = brackets(text) > 0 ? ["a mention in brackets"] : []
        for word in ["@here", "@channel", "@everyone"] {
            let text = text.lowercased()
            for range in text.ranges(of: word) {
                let previous = text[..<range.lowerBound].unicodeScalars.last
                let isPartOfWord =
                    previous.map { $0.properties.isAlphabetic || $0.properties.numericType != nil } ?? false
                if !isPartOfWord { found.append(word) }
            }
        }
        return found
    }
}

func expectHarmless(_ markdown: String, _ comment: String, at location: SourceLocation = #_sourceLocation) {
    let found = MarkdownPings.found(in: markdown)
    #expect(found.isEmpty, "\(comment)", sourceLocation: location)
}
