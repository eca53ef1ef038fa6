import Bridge
import TestKit
import Testing

@testable import SlackBot

@Suite("An answer as a stream")
struct AnswerStreamTests {
    /// Words of more than the text that is held back.
    private static func words(_ count: Int = 60, _ word: String = "apple") -> String {
        String(repeating: "\(word) ", count: count)
    }

    @Test("the first card starts the stream; text is appended at most once a second; the end has the rest")
    func plain() {
        var run = StreamRun()
        guard case .start(let first) = run.step() else { return #expect(Bool(false), "no start") }
        #expect(first == [.task(TaskCard(id: "Q-0.0", title: "Thinking", status: .inProgress))])
        run.stream.handle(.text("Few words"))
        guard case .wait = run.step() else { return #expect(Bool(false), "a short text was sent") }
        let answer = "Few words" + Self.words() + "end."
        run.stream.handle(.text(Self.words() + "end."))
        guard case .append(_, let chunks) = run.step() else { return #expect(Bool(false), "no append") }
        #expect(chunks.first == StreamChunk.task(TaskCard(id: "Q-0.0", title: "Thinking", status: .complete)))
        #expect(run.texts == ["Few words" + Self.words()])
        run.stream.handle(.text(" More"))
        guard case .wait(.some) = run.step(after: .milliseconds(500)) else { return #expect(Bool(false), "too early") }
        let ending = run.finish(answer + " More")
        #expect(run.texts == [answer + " More"])
        #expect(ending.rest.isEmpty && ending.messages.map(\.isExact) == [true])
        #expect(run.slack.problems.isEmpty)
    }

    @Test("each tool call is a card with its time, and what the model said about it is in the card, not in the text")
    func cards() {
        var run = StreamRun()
        run.step()
        run.stream.handle(.text("I look."))
        run.stream.handle(.narration("I look.\n@here"))
        run.stream.handle(.toolStarted(StreamRun.call("a", .running)))
        guard case .append(_, let begun) = run.step() else { return #expect(Bool(false), "no append") }
        #expect(
            begun.last
                == StreamChunk.task(
                    TaskCard(
                        id: "Q-0.1", title: "ops.look_a", status: .inProgress,
                        details: "I look. @\(MarkdownMentions.breaker)here")))
        run.stream.handle(.toolFinished(StreamRun.call("a", .succeeded)))
        run.stream.handle(.toolFinished(StreamRun.call("b", .denied)))
        guard case .append(_, let ended) = run.step() else { return #expect(Bool(false), "no append") }
        #expect(
            ended == [
                .task(TaskCard(id: "Q-0.1", title: "ops.look_a", status: .complete, output: "1.2 s")),
                .task(TaskCard(id: "Q-0.2", title: "ops.look_b", status: .error, output: "was refused")),
            ])
        let ending = run.finish("Done.")
        #expect(run.texts == ["Done."] && ending.messages.map(\.isExact) == [true])
    }

    @Test(
        "after four minutes a new message goes on: its code block is opened again, and running calls have a card in it")
    func rotation() throws {
        var run = StreamRun()
        run.step()
        let code = "```swift\n" + String(repeating: "let a = 1\n", count: 40)
        run.stream.handle(.text(code))
        run.stream.handle(.toolStarted(StreamRun.call("a", .running)))
        run.step()
        guard case .stop = run.step(after: AnswerStream.lifetime) else { return #expect(Bool(false), "no stop") }
        run.stream.handle(.text("let b = 2\n```\n"))
        guard case .start(let again) = run.step() else { return #expect(Bool(false), "no start") }
        #expect(again == [.task(TaskCard(id: "Q-1.1", title: "ops.look_a", status: .inProgress))])
        run.step()
        let answer = code + "let b = 2\n```\n" + "The end."
        let ending = run.finish(answer)
        #expect(run.texts == [code + "```", "```swift\nlet b = 2\n```\nThe end."])
        #expect(ending.messages.map(\.raw).joined() + ending.rest == answer)
        let first = try #require(run.slack.messages["1.0"])
        #expect(!first.cards.values.contains(.inProgress) && !first.isOpen)
    }

    @Test("a text that does not fit a message goes on in the next one; what is left at the end is returned")
    func long() {
        var run = StreamRun()
        let line = Self.words(20) + "\n\n"
        let answer = String(repeating: line, count: 150)
        run.stream.handle(.text(answer))
        for _ in 0..<5 { run.step() }
        let ending = run.finish(answer)
        #expect(ending.messages.count == 2)
        #expect(run.texts.allSatisfy { $0.utf16.count <= MarkdownParts.limit })
        #expect(ending.messages.map(\.raw).joined() + ending.rest == answer)
        #expect(!ending.rest.isEmpty && ending.furtherMarkdown == ending.rest)
    }

    @Test("with formatting.max_message_length: 500 no message is longer, neither a streamed one nor one of the rest")
    func shortMessages() throws {
        var run = StreamRun(mostText: 500)
        let answer = Self.words(400)
        run.stream.handle(.text(answer))
        for _ in 0..<5 { run.step() }
        #expect(run.texts.map(\.utf16.count) == [498, 498])
        let ending = run.finish(answer)
        #expect(run.texts.map(\.utf16.count) == [498, 498] && ending.stop != nil)
        let texts = try #require(AnswerPlacement(ending).texts)
        #expect(texts.count > 4 && texts.allSatisfy { $0.utf16.count <= 500 })
        #expect(texts.joined(separator: " ").split(separator: " ") == answer.split(separator: " "))
    }

    @Test("a list that is longer than a message and has an open bracket is streamed")
    func openBracket() {
        var run = StreamRun(mostText: 500)
        let answer = "1. [0, 1)\n" + (2...60).map { "\($0). a step of the list\n" }.joined()
        run.stream.handle(.text(answer))
        for _ in 0..<10 { run.step() }
        #expect(run.texts.count > 1 && run.texts.allSatisfy { $0.utf16.count <= 500 })
        #expect(run.texts.joined().utf16.count > 900 && answer.hasPrefix(run.texts.joined()))
    }

    @Test("text that is taken back after it was shown is replaced at the end", arguments: [true, false])
    func superseded(isNarration: Bool) {
        var run = StreamRun()
        run.step()
        run.stream.handle(.text(Self.words() + "and `code"))
        run.step()
        run.stream.handle(isNarration ? .narration(Self.words() + "and `code") : .textWithdrawn)
        run.stream.handle(.text(Self.words(60, "pear")))
        run.step()
        let shown = Self.words() + (isNarration ? "and `code" : "and  …")
        #expect(run.texts.map { $0.hasPrefix(shown) && $0.contains("\n\npear pear") } == [true])
        let ending = run.finish(Self.words(60, "pear"))
        #expect(ending.rest == Self.words(60, "pear") && ending.stop == nil)
        #expect(ending.messages.map(\.isExact) == [false] && ending.messages.map(\.markdown) == [""])
    }

    @Test("without a stream the whole answer is left, and a start whose effect is unknown is said")
    func unavailable() {
        for response in [AnswerStream.Response.refused, .busy(.seconds(30)), .over, .unsure] {
            var run = StreamRun()
            run.step(response)
            #expect(run.step() == .done)
            let ending = run.finish("An answer.")
            #expect(ending.rest == "An answer." && ending.messages.isEmpty && ending.stop == nil)
            #expect(ending.mayHaveStarted == (response == .unsure))
        }
    }

    @Test("an append that had no effect is sent again; one that may have had is not, and its message is to be edited")
    func failures() {
        var run = StreamRun()
        run.step()
        run.stream.handle(.text(Self.words()))
        run.step(.busy(.seconds(5)))
        guard case .wait = run.step() else { return #expect(Bool(false), "no pause after a 429") }
        run.step(after: .seconds(5))
        #expect(run.texts == [Self.words()])
        run.stream.handle(.text(Self.words(60, "pear")))
        run.step(.unsure)
        run.stream.handle(.text("The end."))
        let ending = run.finish(Self.words() + Self.words(60, "pear") + "The end.")
        #expect(ending.messages.map(\.isExact) == [false] && ending.stop == nil)
        #expect(ending.messages.map(\.markdown) == [Self.words() + Self.words(60, "pear")])
        #expect(ending.rest == "The end.")
    }

    @Test("when Slack ends a stream early, or its message is deleted, a new one has what is not shown")
    func ended() {
        for response in [AnswerStream.Response.over, .gone] {
            var run = StreamRun()
            run.step()
            run.stream.handle(.text(Self.words()))
            run.step()
            run.stream.handle(.text(Self.words(60, "pear")))
            run.step(response)
            run.step()
            run.step()
            let ending = run.finish(Self.words() + Self.words(60, "pear"))
            let all = [Self.words(), Self.words(60, "pear")]
            #expect(run.texts == (response == .over ? all : [all.joined()]))
            #expect(ending.messages.allSatisfy(\.isExact) && ending.rest.isEmpty)
        }
    }

    @Test("a message whose stream Slack ends while a card says that a call runs is edited or deleted")
    func runningCard() {
        var run = StreamRun()
        run.step()
        run.stream.handle(.toolStarted(StreamRun.call("a", .running)))
        run.step(.over)
        let ending = run.finish("An answer.")
        #expect(ending.messages.map(\.isExact) == [false] && ending.rest == "An answer.")
        #expect(AnswerPlacement(ending).places == [AnswerPlacement.Place(part: 0, ts: "1.0")])
    }

    @Test("nothing of an answer with private data is shown, but its steps are")
    func hidden() {
        var run = StreamRun(privateServers: ["vault"])
        run.step()
        run.stream.handle(.toolFinished(StreamRun.call("a", .succeeded, server: "vault")))
        run.stream.handle(.text(Self.words()))
        run.step()
        run.step()
        #expect(run.texts == [""])
        #expect(run.finish(Self.words()).rest == Self.words())
    }

    @Test("what the model says of private data about its next call is in no card")
    func hiddenNarration() {
        var run = StreamRun(privateServers: ["vault"])
        run.step()
        run.stream.handle(.toolFinished(StreamRun.call("a", .failed, server: "vault")))
        run.stream.handle(.text("secret"))
        run.stream.handle(.narration("secret"))
        run.stream.handle(.toolStarted(StreamRun.call("b", .running)))
        guard case .append(_, let chunks) = run.step() else { return #expect(Bool(false), "no append") }
        let cards = chunks.compactMap { if case .task(let card) = $0 { card } else { nil } }
        #expect(cards.suffix(2).map(\.title) == ["vault.look_a", "ops.look_b"])
        #expect(cards.suffix(2).map(\.output) == ["failed after 1.2 s", nil])
        #expect(cards.allSatisfy { $0.details == nil })
    }

    @Test("an asker who stops the stream in Slack ends it")
    func stopped() {
        var run = StreamRun()
        run.step()
        run.stream.handle(.text(Self.words()))
        run.step(.stopped)
        #expect(run.stream.isStopped && run.step() == .done)
        #expect(run.finish(nil).stop == nil)
    }

    @Test("stopped in Slack while a card says that a call runs, its message is edited", arguments: [true, false])
    func stoppedCall(isAtEnd: Bool) {
        var run = StreamRun()
        run.step()
        run.stream.handle(.toolStarted(StreamRun.call("a", .running)))
        if isAtEnd {
            run.step()
            run.step(.stopped, after: AnswerStream.lifetime)
        } else {
            run.step(.stopped)
        }
        #expect(run.stream.isStopped)
        #expect(AnswerPlacement(run.finish(nil)).places == [AnswerPlacement.Place(part: 0, ts: "1.0")])
    }

    @Test("a message has at most forty cards")
    func manyCards() {
        var run = StreamRun()
        run.step()
        for number in 0..<90 { run.stream.handle(.toolFinished(StreamRun.call("\(number)", .succeeded))) }
        for _ in 0..<12 { run.step() }
        _ = run.finish("Done.")
        #expect(run.slack.messages.values.allSatisfy { $0.cards.count <= 50 })
        let cards = Set(run.slack.messages.values.flatMap(\.cards.keys))
        #expect((0...90).allSatisfy { number in cards.contains { $0.hasSuffix(".\(number)") } })
    }
}
