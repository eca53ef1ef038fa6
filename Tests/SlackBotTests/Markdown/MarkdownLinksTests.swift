import Testing

@testable import SlackBot

@Suite("Links in answers")
struct MarkdownLinksTests {
    @Test(
        "a link whose text shows another host says where it leads",
        arguments: [
            ("[bank.example](https://evil.example/x)", "[bank.example (evil.example)](https://evil.example/x)"),
            ("a **[https://bank.example/a](https://evil.example)** b", "evil.example)](https://evil.example)** b"),
            ("[https://bank.example/](https://bank.example@evil.example:80/)", "bank.example/ (evil.example)]"),
            ("[bank.example](HTTPS:\\\\evil.example)", "(evil.example)]"),
            ("[mail ceo@acme.example](mailto:x@evil.example)", "acme.example (evil.example)]"),
            ("[ｇｏｏｇｌｅ．ｃｏｍ](https://evil.example)", "(evil.example)]"),
            ("[goo\u{200B}gle.com](https://evil.example)", "(evil.example)]"),
            ("[10.0.0.1](https://evil.example)", "10.0.0.1 (evil.example)]"),
            ("![bank.example](https://evil.example/a.png)", "![bank.example (evil.example)]"),
            ("> - [`bank.example`](<https://evil.example>)", "`bank.example` (evil.example)]"),
            ("[a\\]bank.example](https://evil.example)", "bank.example (evil.example)]"),
            ("<https://evil.example|bank.example>", "<https://evil.example |bank.example>"),
            ("<div>[bank.example](https://evil.example)</div>", "[bank.example (evil.example)](https://evil.example)"),
            ("<!channel> [bank.example](https://evil.example)", "[bank.example (evil.example)](https://evil.example)"),
        ])
    func misleading(_ markdown: String, _ expected: String) {
        let honest = MarkdownLinks.honest(markdown)
        #expect(honest.contains(expected), "\(honest)")
        #expect(MarkdownLinks.honest(honest) == honest)
    }

    @Test(
        "a definition cannot give a bracket another host",
        arguments: ["[bank.example]", "[bank.example][]", "[bank.example][r]"])
    func definitions(_ link: String) {
        let label = link.hasSuffix("[r]") ? "r" : "bank.example"
        let honest = MarkdownLinks.honest("\(link)\n\n[\(label)]: https://evil.example")
        #expect(honest.hasSuffix("https://evil.example"))
        var isInLink = false
        for event in MarkdownDocument(honest)?.events ?? [] {
            if event.kind == .link { isInLink = event.step == .enter }
            if isInLink, event.kind == .text { #expect(event.text == "https://evil.example") }
        }
    }

    @Test(
        "other links stay as they are",
        arguments: [
            "[acme.example](https://acme.example/x)", "[acme.example](https://www.acme.example)",
            "[www.acme.example](https://acme.example)", "[acme.example](https://wiki.acme.example)",
            "[the wiki](https://acme.example)", "https://acme.example/a.html", "<https://acme.example>",
            "[acme.example/index.html](https://acme.example/index.html)", "[version 1.2.3](https://acme.example)",
            "`[bank.example](https://evil.example)`", "```\n[bank.example](https://evil.example)\n```",
            "[a](#top)", "ana@acme.example", "[a]: https://b.example", "| a |\n|---|\n| b |",
            "<div>[acme.example](https://acme.example)</div>",
        ])
    func honest(_ markdown: String) {
        #expect(MarkdownLinks.honest(markdown) == markdown)
    }

    @Test("in plain text a link says it too")
    func plain() {
        let shown = Markdown.asMrkdwn("[bank.example](https://evil.example/x)")
        #expect(shown == "<https://evil.example/x|bank.example (evil.example)>")
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
