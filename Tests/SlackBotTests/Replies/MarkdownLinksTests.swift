import Testing

@testable import SlackBot

@Suite("Links in answers")
struct MarkdownLinksTests {
    @Test(
        "a link whose text shows another host says where it leads",
        arguments: [
            ("[google.com](https://evil.example/x)", "[google.com (evil.example)](https://evil.example/x)"),
            ("a **[https://google.com/a](https://evil.example)** b", "evil.example)](https://evil.example)** b"),
            ("[https://google.com](https://google.com@evil.example:80/)", "google.com (evil.example)]"),
            ("[google.com](HTTPS:\\\\evil.example)", "(evil.example)]"),
            ("[mail ceo@acme.example](mailto:x@evil.example)", "acme.example (evil.example)]"),
            ("[ｇｏｏｇｌｅ．ｃｏｍ](https://evil.example)", "(evil.example)]"),
            ("[goo\u{200B}gle.com](https://evil.example)", "(evil.example)]"),
            ("[10.0.0.1](https://evil.example)", "10.0.0.1 (evil.example)]"),
            ("![google.com](https://evil.example/a.png)", "![google.com (evil.example)]"),
            ("> - [`google.com`](<https://evil.example>)", "`google.com` (evil.example)]"),
            ("[a\\]google.com](https://evil.example)", "google.com (evil.example)]"),
            ("<https://evil.example|google.com>", "<https://evil.example |google.com>"),
        ])
    func misleading(_ markdown: String, _ expected: String) {
        let honest = MarkdownLinks.honest(markdown)
        #expect(honest.contains(expected), "\(honest)")
        #expect(MarkdownLinks.honest(honest) == honest)
    }

    @Test(
        "a definition cannot give a bracket another host",
        arguments: ["[google.com]", "[google.com][]", "[google.com][r]"])
    func definitions(_ link: String) {
        let label = link.hasSuffix("[r]") ? "r" : "google.com"
        let honest = MarkdownLinks.honest("\(link)\n\n[\(label)]: https://evil.example")
        #expect(honest.hasSuffix("https://evil.example"))
        let events = MarkdownDocument(honest)?.events ?? []
        #expect(
            !events.contains {
                $0.kind == .link && $0.text == "https://evil.example" && $0.step == .leave && $0.line < 2
            })
    }

    @Test(
        "other links stay as they are",
        arguments: [
            "[acme.example](https://acme.example/x)", "[acme.example](https://www.acme.example)",
            "[www.acme.example](https://acme.example)", "[acme.example](https://wiki.acme.example)",
            "[the wiki](https://acme.example)", "https://acme.example/a.html", "<https://acme.example>",
            "[acme.example/index.html](https://acme.example/index.html)", "[version 1.2.3](https://acme.example)",
            "`[google.com](https://evil.example)`", "```\n[google.com](https://evil.example)\n```",
            "[a](#top)", "ana@acme.example", "[a]: https://b.example", "| a |\n|---|\n| b |",
        ])
    func honest(_ markdown: String) {
        #expect(MarkdownLinks.honest(markdown) == markdown)
    }

    @Test("in plain text a link says it too")
    func plain() {
        let shown = Markdown.asMrkdwn("[google.com](https://evil.example/x)")
        #expect(shown == "<https://evil.example/x|google.com (evil.example)>")
    }

    @Test(
        "no text of many links takes long",
        arguments: ["![", "![a](b)", "[a.example](https://b.example)", "](", "[a]:"])
    func bounded(_ pattern: String) {
        let text = String(repeating: pattern, count: 50_000 / pattern.utf8.count)
        let time = ContinuousClock().measure { _ = MarkdownLinks.honest(text) }
        #expect(time < .seconds(15), "\(pattern) took \(time)")
    }
}
