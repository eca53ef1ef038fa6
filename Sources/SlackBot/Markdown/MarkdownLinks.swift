/// Links whose text shows another host than they lead to: the text gets the host of the address.
enum MarkdownLinks {
    /// The text with ` (host)` at the end of each such link's text. In a text with such a link definitions
    /// (`[label]: address`) become text, because they can give any bracket an address. HTML that has such a link becomes
    /// text too, as it is for Slack.
    static func honest(_ markdown: String) -> String {
        guard markdown.utf8.contains(UInt8(ascii: "[")) || markdown.utf8.contains(UInt8(ascii: "|")),
            let document = MarkdownDocument(markdown)
        else { return markdown }
        if document.events.contains(where: misleadsAsText) { return honest(withoutHTML(markdown)) }
        guard links(document.events).contains(where: isMisleading) else { return markdown }
        let bytes = Array(markdown.replacing("]:", with: "]\(MarkdownMentions.breaker):").utf8)
        let places = (closings(bytes) + pipes(bytes)).sorted()
        guard let marks = MarkdownMarks(bytes, at: places) else { return String(decoding: bytes, as: UTF8.self) }
        var insertions: [Int: String] = [:]
        for link in links(marks.document.events) {
            let plain = Link(text: marks.unmarked(link.text), address: marks.unmarked(link.address))
            guard isMisleading(plain) else { continue }
            if plain.isBare {
                // Slack's own form of a link, which its Markdown may know too: the space makes it text.
                for place in marks.found(in: link.address) { insertions[places[place]] = " " }
            } else if let closing = marks.found(in: link.text).last, let host = hiddenHost(plain.text, plain.address) {
                insertions[places[closing]] = " (\(host))"
            }
        }
        return MarkdownMarks.inserting(
            insertions.sorted { $0.key < $1.key }.map { (offset: $0.key, text: $0.value) }, into: bytes)
    }

    /// Whether definitions may be in the text, so that its parts do not mean the same when they are parsed alone.
    static func mayDefine(_ markdown: String) -> Bool { markdown.contains("]:") }

    /// The host of an address, if the text of its link shows another host; nil else.
    static func hiddenHost(_ text: String, _ address: String) -> String? {
        guard let host = host(of: address), !text.hasSuffix("(\(host))") else { return nil }
        return LinkText(text).shows(anotherHostThan: host) ? host : nil
    }

    private struct Link {
        var text: String
        var address: String
        /// Whether the address is its own text, as in `<https://acme.example>`.
        var isBare: Bool { text == address || "mailto:\(text)" == address }
    }

    private static func isMisleading(_ link: Link) -> Bool {
        link.isBare ? link.address.contains("|") : hiddenHost(link.text, link.address) != nil
    }

    /// Whether it is HTML that, as text, has such a link.
    private static func misleadsAsText(_ event: MarkdownEvent) -> Bool {
        guard event.kind == .html || event.kind == .htmlBlock, event.text.contains("]") else { return false }
        return links(MarkdownDocument(withoutHTML(event.text))?.events ?? []).contains(where: isMisleading)
    }

    /// The text with a zero-width space after each `<`, so that it has no HTML.
    private static func withoutHTML(_ markdown: String) -> String {
        markdown.replacing("<", with: "<\(MarkdownMentions.breaker)")
    }

    private static func links(_ events: [MarkdownEvent]) -> [Link] {
        var links: [Link] = []
        var open: [String] = []
        for event in events {
            switch (event.kind, event.step) {
            case (.link, .enter), (.image, .enter): open.append("")
            case (.link, .leave), (.image, .leave):
                let text = open.popLast() ?? ""
                links.append(Link(text: text, address: event.text))
                if !open.isEmpty { open[open.count - 1] += text }
            case (.text, _), (.code, _), (.html, _):
                if !open.isEmpty { open[open.count - 1] += event.text }
            default: if !open.isEmpty { open[open.count - 1] += event.step == .leaf ? " " : "" }
            }
        }
        return links
    }

    /// The host of a web or mail address as browsers read it, in lower case and only with the characters of a host; nil
    /// for another address.
    private static func host(of address: String) -> String? {
        let address = address.lowercased().replacing("\\", with: "/")
        let rest: Substring
        if address.hasPrefix("mailto:") {
            rest = address.dropFirst(7).prefix { $0 != "?" }
        } else if address.hasPrefix("http:") || address.hasPrefix("https:") {
            rest = address.drop { $0 != ":" }.dropFirst().drop { $0 == "/" }.prefix { !"/?#".contains($0) }
        } else {
            return nil
        }
        let host = rest.split(separator: "@", omittingEmptySubsequences: false).last ?? rest
        let name = host.prefix { $0 != ":" }.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." ? $0 : "?" }
        return name.isEmpty ? nil : String(name)
    }

    /// The offsets of brackets that may end the text of an inline link.
    private static func closings(_ bytes: [UInt8]) -> [Int] {
        bytes.indices.dropLast().filter { at in
            guard bytes[at] == UInt8(ascii: "]"), bytes[at + 1] == UInt8(ascii: "(") else { return false }
            return bytes[..<at].reversed().prefix { $0 == UInt8(ascii: "\\") }.count.isMultiple(of: 2)
        }
    }

    /// The offsets of pipes within angle brackets.
    private static func pipes(_ bytes: [UInt8]) -> [Int] {
        var isOpen = false
        return bytes.indices.filter { at in
            switch bytes[at] {
            case UInt8(ascii: "<"): isOpen = true
            case UInt8(ascii: ">"), UInt8(ascii: " "), UInt8(ascii: "\n"): isOpen = false
            default: break
            }
            return isOpen && bytes[at] == UInt8(ascii: "|")
        }
    }
}
