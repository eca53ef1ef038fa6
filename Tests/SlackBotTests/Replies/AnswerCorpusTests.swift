import Bridge
import Foundation
import TestKit
import Testing

@testable import SlackBot

@Suite("Two hundred answers as messages", .timeLimit(.minutes(5)))
struct AnswerCorpusTests {
    private static let question = ULID()

    private struct Sample {
        let name: String
        let markdown: String
        let rendered: AnswerMessages.Rendered
    }

    /// 150 answers as models write them and 50 that are mostly malformed.
    private static let samples: [Sample] = {
        let answers = (0..<150).map { seed -> (String, String) in
            var samples = AnswerSamples(seed: UInt64(seed))
            return ("answer \(seed)", samples.answer(seed % 6))
        }
        let malformed = (0..<50).map { seed -> (String, String) in
            var samples = MarkdownSamples(seed: UInt64(20_000 + seed))
            return ("malformed \(seed)", samples.markdown(lines: 1...200))
        }
        return (answers + malformed).map { name, markdown in
            var style = AnswerMessages.Style()
            style.question = question
            let outcome = QuestionOutcome.answered(Answer(text: markdown, usage: Usage()))
            return Sample(name: name, markdown: markdown, rendered: AnswerMessages.render(outcome, style: style))
        }
    }()

    @Test("every message is within Slack's limits, as slackblocks knows them")
    func limits() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let messages = Self.samples.flatMap(\.rendered.messages)
        let file = folder.url.appending(path: "messages.json")
        try Data(JSONValue.array(messages.map(\.json)).bytes()).write(to: file)
        let script = Repository.root.appending(path: "Tests/Peers/slack_blocks_check.py")
        let ended = try await runProgram(Repository.python.path, [script.path, file.path])
        try #require(ended.status == 0, "\(ended.errors.suffix(2_000))")
        let seen = try JSONValue(parsing: ended.output)
        #expect(seen["messages"]?.int == messages.count)
        #expect(seen["problems"] == [], "\(seen)")
        #expect(Self.samples.allSatisfy { $0.rendered.messages.count <= AnswerLayout.mostMessages })
    }

    @Test("every word of an answer is in its messages or its files, in order")
    func words() {
        for sample in Self.samples {
            var rest = letters(of: sample)[...]
            for scalar in shown(sample.rendered).unicodeScalars where scalar == rest.first { rest.removeFirst() }
            let left = String(String.UnicodeScalarView(rest.prefix(40)))
            #expect(rest.isEmpty, "\(sample.name) lost \(left) of \(sample.markdown.prefix(2_000).debugDescription)")
        }
    }

    @Test("the samples have tables as blocks, tables that are cut, and answers in files")
    func coverage() {
        let blocks = Self.samples.flatMap(\.rendered.messages).flatMap(\.blocks)
        let titles = Self.samples.flatMap(\.rendered.files).map(\.title)
        #expect(blocks.count { $0["type"] == "table" } > 40)
        #expect(blocks.count { $0["type"] == "actions" } > 30)
        #expect(titles.count { $0 == UserMessages.answerTitle } >= 20)
        #expect(titles.count { $0 == UserMessages.tableTitle(1) } >= 10)
    }

    @Test("nothing in a message can notify anyone, and the only button is Omni's")
    func harmless() {
        for sample in Self.samples {
            for block in sample.rendered.messages.flatMap(\.blocks) {
                switch block["type"]?.string {
                case "markdown": expectHarmless(block["text"]?.string ?? "", sample.name)
                case "table":
                    let text = TableView.rows(of: block).joined().joined(separator: " ")
                    #expect(!["@here", "@channel", "<!"].contains { text.contains($0) }, "\(sample.name)")
                case "actions": #expect(block["elements"]?[0]?["action_id"]?.string == TableButtonView.actionID)
                case "context": break
                default: Issue.record("\(sample.name) has a block \(block)")
                }
            }
        }
    }

    /// The letters and digits that must be seen: those of the source, or, where the source may have markup with
    /// letters, those that the parser finds in its text.
    private func letters(of sample: Sample) -> [Unicode.Scalar] {
        guard sample.name.hasPrefix("malformed"), let document = MarkdownDocument(sample.markdown) else {
            return sample.markdown.letters
        }
        return document.events.flatMap { event -> [Unicode.Scalar] in
            switch event.kind {
            case .text, .code, .codeBlock: event.text.letters
            default: []
            }
        }
    }

    /// What a user can read: a file instead of the table or the answer of which a part is shown.
    private func shown(_ rendered: AnswerMessages.Rendered) -> String {
        if let whole = rendered.files.first(where: { $0.title == UserMessages.answerTitle }) { return whole.text ?? "" }
        var text = ""
        for message in rendered.messages {
            for (index, block) in message.blocks.enumerated() {
                let below = message.blocks.dropFirst(index + 1).first?["elements"]?[0]?["text"]?.string ?? ""
                if block["type"] == "markdown" { text += block["text"]?.string ?? "" }
                guard block["type"] == "table" else { continue }
                let file = rendered.files.first { below.contains("`\($0.title)`") }
                text += file?.text ?? TableView.rows(of: block).joined().joined(separator: " ")
            }
        }
        return text
    }
}

extension String {
    fileprivate var letters: [Unicode.Scalar] {
        unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil }
    }
}
