import Bridge
import Foundation
import Testing

@testable import SlackBot

@Suite("Omni without emoji")
struct OwnEmojiTests {
    @Test("each emoji in Omni's own texts is in the list")
    func complete() throws {
        let folders = ["Listeners", "Replies", "Views"]
        var found: Set<String> = []
        for folder in folders {
            let path = ConfigFixtures.root.appending(path: "Sources/SlackBot/\(folder)")
            let names = try FileManager.default.subpathsOfDirectory(atPath: path.path())
            for name in names where name.hasSuffix(".swift") && name != "OwnEmoji.swift" {
                let file = path.appending(path: name)
                for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                where !line.trimmingCharacters(in: .whitespaces).hasPrefix("//") {
                    found.formUnion(line.matches(of: #/:[a-z][a-z0-9_]*:/#).map { String($0.output) })
                    found.formUnion(line.filter(Self.isEmoji).map { "\($0)" })
                }
            }
        }
        #expect(found.count > 10, "the texts are not found any more; mend this test")
        let missing = found.subtracting(OwnEmoji.all).sorted()
        #expect(missing == [], "add them to OwnEmoji.all")
    }

    /// Shown as an emoji by default, or by variation selector 16 (Unicode Technical Standard 51, 1.4).
    private static func isEmoji(_ character: Character) -> Bool {
        character.unicodeScalars.first?.properties.isEmojiPresentation == true
            || character.unicodeScalars.contains("\u{FE0F}")
    }

    @Test("people read Omni's texts without emoji; a model's text, times and an emoji alone stay")
    func removed() {
        let answer: JSONObject = [
            "channel": "C1", "text": ":warning: the model's",
            "blocks": [
                ["type": "markdown", "text": ":warning: the model's"],
                ["type": "context", "elements": [["type": "mrkdwn", "text": "🔧 `a.b` · at 10:30:45"]]],
            ],
        ]
        let short = OwnEmoji.removed(from: answer)
        #expect(short["text"] == answer["text"] && short["blocks"]?[0] == answer["blocks"]?[0])
        #expect(short["blocks"]?[1]?["elements"]?[0]?["text"] == "`a.b` · at 10:30:45")
        let own: JSONObject = [
            "text": ":no_entry: No.",
            "blocks": [
                ["type": "section", "text": ["type": "mrkdwn", "text": ":no_entry: No.\n:x: Error"]],
                ["type": "actions", "elements": [["text": ["type": "plain_text", "text": ":x: a choice"]]]],
            ],
            "metadata": ["event_payload": ["text": ":x:"]],
        ]
        let told = OwnEmoji.removed(from: own)
        #expect(told["text"] == "No." && told["blocks"]?[0]?["text"]?["text"] == "No.\nError")
        #expect(told["blocks"]?[1] == own["blocks"]?[1] && told["metadata"] == own["metadata"])
        // A model's text, for a Slack that refused its blocks.
        let plain: JSONObject = ["text": ":x: the model's", "blocks": []]
        #expect(OwnEmoji.removed(from: plain) == plain)
    }

    @Test(
        "only the emoji at the places of Omni's own are removed",
        arguments: [
            (":hourglass_flowing_sand: 🤔 Thinking...", "Thinking..."),
            ("🔧 `a.b` · 📦 a · 2 turns", "`a.b` · a · 2 turns"),
            ("10:30 ana · 👎 bad answer: x", "10:30 ana · bad answer: x"),
            ("Which?\n:white_check_mark: Checkout", "Which?\nCheckout"), (":lock:", ":lock:"),
            ("<@U1> asked: root:x:0:0:root", "<@U1> asked: root:x:0:0:root"), (":x:0:0", ":x:0:0"),
            ("9:00 answered · :x: is red, why?", "9:00 answered · :x: is red, why?"),
        ])
    func places(text: String, expected: String) {
        #expect(OwnEmoji.removed(from: text) == expected)
    }
}
